import {
  type EspMessage,
  faultIn,
  type KeyValueEntry,
  KeyValueList,
  LAYOUT_VERSION,
  MessageId,
  type PlainValues,
  parametersOf,
} from '../esp/index.js';
import { type Charset, charset, decodeBody, encodeBody } from '../wire/index.js';
import type { ClientTls } from './connect.js';
import { NotConnectedError, RequestTimeoutError } from './errors.js';
import { type AddpOptions, EspConnection } from './esp-connection.js';

/** How to reconnect: after pauses that double from `minMs` to `maxMs`. */
export interface ReconnectOptions {
  /** The pause before the first attempt, in ms. */
  readonly minMs: number;
  /** The longest pause, in ms. */
  readonly maxMs: number;
}

/** Options of {@link EspClient}. */
export interface EspClientOptions {
  readonly host: string;
  readonly port: number;
  /** @default plain TCP */
  readonly tls?: ClientTls;
  /** Charset of type 0 strings and keys. @default 'utf-8' */
  readonly charset?: string;
  /** Detects a dead connection. @default off */
  readonly addp?: AddpOptions;
  /** How long connecting may take, including TLS, in ms. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** How long a request waits for its reply, in ms. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** Reopens a lost connection; requests wait for it up to their timeouts. @default off */
  readonly reconnect?: ReconnectOptions;
  /** Maximum size of a reply, in bytes. @default 16777216 */
  readonly messageBytes?: number;
  /** How long a reply may be incomplete, in ms. @default 10000 */
  readonly frameMs?: number;
  /** @default none */
  readonly events?: EspClientEvents;
}

/** Callbacks of {@link EspClient}. */
export interface EspClientEvents {
  connected?(): void;
  /** The connection has closed. `problem` is undefined if this client closed it. */
  disconnected?(problem: Error | undefined): void;
  /** A reply that matches no pending request, for example because it is late. */
  unmatched?(message: EspMessage): void;
}

/** A request. */
export interface EspRequestOptions {
  readonly service: string;
  readonly method: string;
  /** The application that Interaction Server routes the request to. @default none */
  readonly appName?: string;
  /** Its type, as a number or a name. @default none */
  readonly appType?: string | number;
  /** @default empty */
  readonly parameters?: PlainValues | KeyValueList;
  /** @default none */
  readonly userData?: PlainValues | KeyValueList;
  /** The kind of strings in the request: type 0, or UTF-16. @default 'str' */
  readonly text?: 'str' | 'utf16';
}

/** How to wait for a reply. */
export interface WaitOptions {
  /** How long to wait, in ms. @default `requestTimeoutMs` of the client */
  readonly timeoutMs?: number;
  /** Cancels the wait for the reply. @default none */
  readonly signal?: AbortSignal;
}

/** A reply: a response or a fault. */
export interface EspReply {
  readonly message: EspMessage;
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
  /** Undefined if the reply is a response. */
  readonly fault: { readonly code: string; readonly text: string } | undefined;
}

const DEFAULTS = { connectTimeoutMs: 5000, requestTimeoutMs: 10_000, messageBytes: 16_777_216, frameMs: 10_000 };

/** An ESP client. Sends any number of requests at a time over one connection. */
export class EspClient implements AsyncDisposable {
  readonly #options: EspClientOptions & typeof DEFAULTS;
  readonly #charset: Charset;
  #connection: EspConnection | undefined;
  #connecting: Promise<void> | undefined;
  #retry: { timer: NodeJS.Timeout; attempt: number } | undefined;
  #open = false;
  /** Requests that wait for a connection. */
  readonly #waiters = new Set<() => void>();

  constructor(options: EspClientOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#charset = charset(options.charset);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** The address of this end of the connection; undefined if there is none. */
  get local(): { readonly host: string; readonly port: number } | undefined {
    return this.#connection?.local;
  }

  /** Connects. With `reconnect`, it retries in the background if the first attempt fails. @throws ConnectError */
  connect(): Promise<void> {
    this.#open = true;
    if (this.#connection !== undefined) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * Calls a method. A fault is a reply, not an error.
   * @throws RequestTimeoutError, ConnectionLostError, NotConnectedError, or the signal's reason
   */
  async request(call: EspRequestOptions, wait: WaitOptions = {}): Promise<EspReply> {
    const message = await this.requestMessage(requestOf(call), wait);
    return {
      message,
      parameters: parametersOf(message.request),
      userData: message.userData,
      fault: message.messageId === MessageId.Event3rdServerFault ? faultIn(message) : undefined,
    };
  }

  /** Sends a message unchanged, under a ReferenceId of this client. The reply has the ReferenceId of the message. */
  async requestMessage(message: EspMessage, wait: WaitOptions = {}): Promise<EspMessage> {
    const timeoutMs = wait.timeoutMs ?? this.#options.requestTimeoutMs;
    const what = `${nameOf(message, 'Service')}.${nameOf(message, 'Method')}`;
    const body = encodeBody({ ...message, referenceId: message.referenceId ?? 0 }, this.#charset);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new RequestTimeoutError(what, timeoutMs)), timeoutMs);
    const signal = wait.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, wait.signal]);
    try {
      const connection = this.#connection ?? (await this.#connectionWithin(signal));
      return this.#decode(await exchange(connection, body, signal));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the connection gracefully, without reconnecting. Pending requests fail with ConnectionLostError. */
  async close(): Promise<void> {
    this.#open = false;
    clearTimeout(this.#retry?.timer);
    this.#retry = undefined;
    this.#connection?.close();
    this.#connection = undefined;
    this.#wakeWaiters();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<void> {
    const attempt = this.#retry?.attempt ?? 0;
    clearTimeout(this.#retry?.timer);
    this.#retry = undefined;
    try {
      const connection = await EspConnection.open(this.#options, {
        unmatched: (body) => this.#unmatched(body),
        closed: (problem) => this.#disconnected(connection, problem),
      });
      if (!this.#open) {
        connection.close();
        return;
      }
      this.#connection = connection;
      this.#options.events?.connected?.();
      this.#wakeWaiters();
    } catch (error) {
      this.#retryLater(attempt);
      throw error;
    }
  }

  /** A connection that this client closes may end after the next one was opened. */
  #disconnected(connection: EspConnection, problem: Error | undefined): void {
    const isCurrent = this.#connection === connection;
    if (isCurrent) this.#connection = undefined;
    this.#options.events?.disconnected?.(problem);
    if (isCurrent) this.#retryLater(0);
  }

  #retryLater(attempt: number): void {
    const { reconnect } = this.#options;
    if (reconnect === undefined || !this.#open) return;
    const timer = setTimeout(
      () => {
        this.connect().catch(() => undefined);
      },
      backoffMs(reconnect, attempt, Math.random),
    );
    this.#retry = { timer, attempt: attempt + 1 };
  }

  async #connectionWithin(signal: AbortSignal): Promise<EspConnection> {
    const { host, port, reconnect } = this.#options;
    while (
      this.#open &&
      this.#connection === undefined &&
      (reconnect !== undefined || this.#connecting !== undefined)
    ) {
      await new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          signal.removeEventListener('abort', abort);
          resolve();
        };
        const abort = (): void => {
          this.#waiters.delete(wake);
          reject(signal.reason);
        };
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort);
        this.#waiters.add(wake);
        this.#connecting?.catch(() => undefined).then(wake);
      });
    }
    if (this.#connection === undefined) throw new NotConnectedError(`${host}:${port}`);
    return this.#connection;
  }

  #wakeWaiters(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #unmatched(body: Buffer): void {
    let message: EspMessage;
    try {
      message = this.#decode(body);
    } catch {
      // No one waits for this reply.
      return;
    }
    this.#options.events?.unmatched?.(message);
  }

  #decode(body: Buffer): EspMessage {
    return decodeBody(body, 0, body.length, this.#charset);
  }
}

function exchange(connection: EspConnection, body: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = (): void => {
      if (own !== undefined) connection.forget(own);
      reject(signal.reason);
    };
    const over = (): void => signal.removeEventListener('abort', abort);
    const own = connection.send(body, (referenceId) => ({
      referenceId,
      answered: (reply) => {
        over();
        resolve(reply);
      },
      lost: (error) => {
        over();
        reject(error);
      },
    }));
    signal.addEventListener('abort', abort);
  });
}

/** The message of a request: Version, AppName, AppType, Service, Method, Parameters, in the order of the vendor's clients. */
export function requestOf(call: EspRequestOptions): EspMessage {
  const text = call.text ?? 'str';
  const entries: KeyValueEntry[] = [{ key: 'Version', type: text, value: LAYOUT_VERSION }];
  if (call.appName !== undefined) entries.push({ key: 'AppName', type: text, value: call.appName });
  if (typeof call.appType === 'number') entries.push({ key: 'AppType', type: 'int', value: call.appType });
  if (typeof call.appType === 'string') entries.push({ key: 'AppType', type: text, value: call.appType });
  entries.push(
    { key: 'Service', type: text, value: call.service },
    { key: 'Method', type: text, value: call.method },
    { key: 'Parameters', type: 'list', value: KeyValueList.from(call.parameters ?? {}, text) },
  );
  return {
    messageId: MessageId.Request3rdServer,
    referenceId: 0,
    request: new KeyValueList(entries),
    userData: call.userData === undefined ? undefined : KeyValueList.from(call.userData, text),
  };
}

function nameOf(message: EspMessage, key: string): string {
  const entry = message.request?.find(key);
  return entry?.type === 'str' || entry?.type === 'utf16' ? entry.value : '';
}

/** The delay before attempt number `attempt` (from 0): doubles from min to max, minus up to a fifth at random. */
export function backoffMs({ minMs, maxMs }: ReconnectOptions, attempt: number, random: () => number): number {
  const full = Math.min(maxMs, minMs * 2 ** attempt);
  return Math.round(full * (1 - random() * 0.2));
}
