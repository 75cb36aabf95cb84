import type { MockRequest } from 'esp-host';
import type { LogLevel } from '#server';
import {
  type ByteRange,
  type Charset,
  decodeBody,
  dissect,
  type EspFault,
  type EspMessage,
  type EspRequest,
  faultIn,
  type JsonMessage,
  MessageId,
  messageToJson,
  textOf,
  unframe,
  WireError,
} from '#wire';
import { LIST_LIMITS } from '../limits.js';

/** A message as sent on the wire, with secrets masked. */
export interface JournalMessage {
  /** Undefined if its lists are malformed. */
  readonly json: JsonMessage | undefined;
  /** The whole frame or packet extension. */
  readonly hex: string;
  /** The meaning of each byte range. @internal */
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

/** A fault that was injected. */
export interface InjectedFault {
  readonly id: string;
  readonly kind: string;
  /** Its kind and settings, such as `upstreamStatus 503`. */
  readonly title: string;
  /** When the fault was added, in ms since 1970. */
  readonly since: number;
}

/** Notes about how the mock of an upstream answered a call. */
export interface CallMarks {
  readonly injectedFault?: InjectedFault;
  /** The stub that answered. */
  readonly stub?: string;
  /** Why no stub matched, and how the nearest one differs. */
  readonly explanation?: string;
  /** What made the mock answer as it did, such as `version 2.45.1: accepts every account`. */
  readonly notice?: string;
}

/** A call to an upstream, made for a request. */
export interface JournalCall extends CallMarks {
  readonly at: number;
  readonly durationMs: number;
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  readonly error?: string;
  /** `error` as one word: `timeout`, `abandoned`, `error`, or a code such as `ECONNREFUSED`. */
  readonly failure?: string;
  readonly requestBody?: string;
  /** Only the headers that describe the body or the next step. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  /** `responseBody` is incomplete: the body was too long or not text. */
  readonly responseCut?: true;
}

/** `none`: there is no answer; `lost`: the connection closed before the answer. */
export type Outcome = 'response' | 'fault' | 'none' | 'lost' | 'pending';

/** Notes about how an exchange was answered. */
export interface Marks {
  /** The stub that answered. */
  readonly stub?: string;
  /** Why no stub matched, and how the nearest one differs. */
  readonly explanation?: string;
  /** The injected fault that was applied to the request. Those of upstream calls are with the calls. */
  readonly injectedFault?: InjectedFault;
  /** Why the host answered with a fault. */
  readonly origin?: FaultOrigin;
}

/** Why the host answered with a fault. */
export interface FaultOrigin {
  /** Undefined if a method answered with a fault of its own. */
  readonly reason: EspFault['reason'];
  /** The message of what was thrown. */
  readonly error?: string;
  /** Where in the code of a plugin it was thrown: `plugins/billing/get-balance.ts:12:5`. */
  readonly place?: string;
}

/** One request and its outcome. */
export interface JournalEntry extends Marks {
  /** Ascending, from 1. */
  readonly id: number;
  /** In ms since 1970. */
  readonly at: number;
  /** From the request to the answer. */
  readonly durationMs: number | undefined;
  /** The client's address. */
  readonly client: string;
  /** The server between the client and the application, such as Interaction Server. */
  readonly via: string | undefined;
  /** The server that answered, or that the request was sent to. */
  readonly application: string;
  /** AppName of the request. */
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

/** The request of a new entry. */
export interface Beginning {
  readonly client: string;
  readonly via?: string | undefined;
  readonly application: string;
  readonly request: EspRequest;
  readonly frame: Buffer;
  /** Matches log lines and upstream calls to the entry: see `journalKey`. */
  readonly key: string;
}

/** A call as its mock sees it. */
interface MarkedCall {
  readonly request: WeakRef<MockRequest>;
  readonly method: string;
  readonly path: string;
  readonly marks: CallMarks;
}

/** Maximum log lines, and maximum upstream calls, per entry. */
const MAX_NOTES = 100;

/** Stores an entry as bytes. JSON and hex are computed on access. */
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
  injectedFault?: InjectedFault;
  origin?: FaultOrigin;
  /** Of calls that have not ended, in the order of their start. */
  readonly #callMarks: MarkedCall[] = [];
  readonly #frame: Buffer;
  readonly #charset: Charset;
  readonly #startedAt = performance.now();
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

  /** Approximate size of frames, log lines and upstream calls. */
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
    this.durationMs = performance.now() - this.#startedAt;
    const message = decoded(frame, this.#charset);
    this.outcome = message?.messageId === MessageId.Event3rdServerFault ? 'fault' : 'response';
    if (message === undefined || this.outcome === 'response') return;
    const { code, text } = faultIn(message);
    this.faultCode = code;
    this.faultText = text;
  }

  /** Ends the entry without an answer. */
  end(outcome: 'none' | 'lost', why: string): void {
    this.outcome = outcome;
    this.why = why;
  }

  log(line: JournalLog): void {
    if (this.logs.length >= MAX_NOTES) return;
    this.logs.push(line);
    this.#notes += line.message.length + JSON.stringify(line.fields).length;
  }

  /** Notes how a mock answers a call. `called` follows once the call has ended. */
  markCall(request: MockRequest, marks: CallMarks): void {
    const known = this.#callMarks.find((one) => one.request.deref() === request);
    if (known !== undefined) Object.assign(known.marks, marks);
    else if (this.#callMarks.length < MAX_NOTES) {
      const { method, path } = request;
      this.#callMarks.push({ request: new WeakRef(request), method, path, marks: { ...marks } });
    }
  }

  called(call: JournalCall): void {
    if (this.upstream.length >= MAX_NOTES) return;
    this.upstream.push({ ...call, ...this.#takeCallMarks(call) });
    this.#notes += call.url.length + (call.requestBody?.length ?? 0) + (call.responseBody?.length ?? 0);
    this.#notes += JSON.stringify(call.responseHeaders ?? {}).length;
  }

  #takeCallMarks(call: JournalCall): CallMarks {
    const path = URL.parse(call.url)?.pathname;
    const index = this.#callMarks.findIndex((one) => one.method === call.method && one.path === path);
    const [found] = index < 0 ? [] : this.#callMarks.splice(index, 1);
    return found?.marks ?? {};
  }

  toJSON(): JournalEntry {
    const { id, at, durationMs, client, via, application, appName, appType, service, method } = this;
    const { request, reply, outcome, faultCode, faultText, why, logs, upstream, stub, explanation } = this;
    const { injectedFault, origin } = this;
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
      ...(origin === undefined ? {} : { origin }),
    };
  }
}

/** Decodes on access, because lists of entries need no hex. */
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
