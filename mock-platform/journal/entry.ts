import type { LogLevel } from 'esp-host/server';
import {
  type ByteRange,
  type Charset,
  decodeBody,
  dissect,
  type EspMessage,
  type EspRequest,
  faultIn,
  type JsonMessage,
  MessageId,
  messageToJson,
  textOf,
  unframe,
  WireError,
} from 'esp-host/wire';
import { LIST_LIMITS } from '../limits.js';

/** A message as it was on the wire, but for asterisks in place of secrets. */
export interface JournalMessage {
  /** Undefined where its lists break the format. */
  readonly json: JsonMessage | undefined;
  /** The whole frame or packet extension. */
  readonly hex: string;
  /** What each byte means. */
  ranges(): readonly ByteRange[];
}

/** A log line of an exchange. */
export interface JournalLog {
  /** In ms since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A call of an upstream that was made for a request. */
export interface JournalCall {
  readonly at: number;
  readonly durationMs: number;
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  readonly error?: string;
  /** The same in a word: `timeout`, `abandoned`, `error`, or a code such as `ECONNREFUSED`. */
  readonly failure?: string;
  readonly requestBody?: string;
  /** Those that say what the answer is or what to do next. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  /** `responseBody` is not all of it: it was longer, or it is no text. */
  readonly responseCut?: true;
}

/** `none`: no answer is due or will come; `lost`: the connection ended before one came. */
export type Outcome = 'response' | 'fault' | 'none' | 'lost' | 'pending';

/** Set by whoever had a hand in the exchange. */
export interface Marks {
  /** The stub that answered in a method's place. */
  readonly stub?: string;
  /** Why no stub answered: how the nearest one differs. */
  readonly explanation?: string;
  /** The fault that was switched on, by its rule. */
  readonly injectedFault?: { readonly id: string; readonly kind: string };
}

/** One request and what became of it. */
export interface JournalEntry extends Marks {
  /** From 1, rising. */
  readonly id: number;
  /** In ms since 1970. */
  readonly at: number;
  /** From request to answer. */
  readonly durationMs: number | undefined;
  /** The client's address. */
  readonly client: string;
  /** What stood between the client and the application, for instance Interaction Server. */
  readonly via: string | undefined;
  /** Which server answered, or was to. */
  readonly application: string;
  /** As asked for. */
  readonly appName: string | undefined;
  readonly appType: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly request: JournalMessage;
  readonly reply: JournalMessage | undefined;
  readonly outcome: Outcome;
  readonly faultCode: string | undefined;
  readonly faultText: string | undefined;
  /** Why there is no answer. */
  readonly why: string | undefined;
  readonly logs: readonly JournalLog[];
  readonly upstream: readonly JournalCall[];
}

/** A request that begins an entry; `frame` without its secrets. */
export interface Beginning {
  readonly client: string;
  readonly via?: string | undefined;
  readonly application: string;
  readonly request: EspRequest;
  readonly frame: Buffer;
  /** What the application's log lines and upstream calls find the entry by: its client's address and ReferenceId. */
  readonly key: string;
}

/** Most log lines, and most upstream calls, of one entry. */
const NOTES = 100;

/** An entry as the journal keeps it: bytes, from which JSON and hex are made when somebody looks. */
export class Entry implements JournalEntry {
  readonly client: string;
  readonly via: string | undefined;
  readonly key: string;
  readonly appName: string | undefined;
  readonly appType: string | undefined;
  readonly service: string;
  readonly method: string;
  readonly logs: JournalLog[] = [];
  readonly upstream: JournalCall[] = [];
  application: string;
  durationMs: number | undefined;
  outcome: Outcome = 'pending';
  faultCode: string | undefined;
  faultText: string | undefined;
  why: string | undefined;
  stub?: string;
  explanation?: string;
  injectedFault?: { readonly id: string; readonly kind: string };
  readonly #frame: Buffer;
  readonly #charset: Charset;
  readonly #began = performance.now();
  #reply: Buffer | undefined;
  #notes = 0;

  constructor(
    readonly id: number,
    readonly at: number,
    beginning: Beginning,
    charset: Charset,
  ) {
    const { request } = beginning;
    this.client = beginning.client;
    this.via = beginning.via;
    this.application = beginning.application;
    this.key = beginning.key;
    this.service = request.service;
    this.method = request.method;
    this.appName = request.appName;
    const { appType } = request;
    this.appType = appType === undefined ? undefined : (textOf(appType) ?? String(appType.value));
    this.#frame = beginning.frame;
    this.#charset = charset;
  }

  /** Bytes that it takes: frames, log lines, bodies of upstream calls. */
  get bytes(): number {
    return this.#frame.length + (this.#reply?.length ?? 0) + this.#notes;
  }

  get request(): JournalMessage {
    return messageOf(this.#frame, this.#charset);
  }

  get reply(): JournalMessage | undefined {
    return this.#reply === undefined ? undefined : messageOf(this.#reply, this.#charset);
  }

  answer(frame: Buffer): void {
    this.#reply = frame;
    this.durationMs = performance.now() - this.#began;
    const message = decoded(frame, this.#charset);
    this.outcome = message?.messageId === MessageId.Event3rdServerFault ? 'fault' : 'response';
    if (message === undefined || this.outcome === 'response') return;
    const { code, text } = faultIn(message);
    this.faultCode = code;
    this.faultText = text;
  }

  /** It gets no answer. */
  end(outcome: 'none' | 'lost', why: string): void {
    this.outcome = outcome;
    this.why = why;
  }

  log(line: JournalLog): void {
    if (this.logs.length >= NOTES) return;
    this.logs.push(line);
    this.#notes += line.message.length + JSON.stringify(line.fields).length;
  }

  called(call: JournalCall): void {
    if (this.upstream.length >= NOTES) return;
    this.upstream.push(call);
    this.#notes += call.url.length + (call.requestBody?.length ?? 0) + (call.responseBody?.length ?? 0);
    this.#notes += JSON.stringify(call.responseHeaders ?? {}).length;
  }

  /** All that the interface of an entry has. */
  toJSON(): JournalEntry {
    const { id, at, durationMs, client, via, application, appName, appType, service, method } = this;
    const { request, reply, outcome, faultCode, faultText, why, logs, upstream, stub, explanation, injectedFault } =
      this;
    return {
      id,
      at,
      durationMs,
      client,
      via,
      application,
      appName,
      appType,
      service,
      method,
      request,
      reply,
      outcome,
      faultCode,
      faultText,
      why,
      logs,
      upstream,
      ...(stub === undefined ? {} : { stub }),
      ...(explanation === undefined ? {} : { explanation }),
      ...(injectedFault === undefined ? {} : { injectedFault }),
    };
  }
}

/** Made when somebody looks: one who lists entries needs no hex. */
const messageOf = (frame: Buffer, charset: Charset): JournalMessage => ({
  get json() {
    const message = decoded(frame, charset);
    return message === undefined ? undefined : messageToJson(message);
  },
  get hex() {
    return frame.toString('hex');
  },
  ranges: () => dissect(frame, charset),
});

function decoded(frame: Buffer, charset: Charset): EspMessage | undefined {
  const body = unframe(frame);
  try {
    return decodeBody(body, 0, body.length, charset, LIST_LIMITS);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
