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
import { type Charset, charset, decodeBody, encodeBody, WireError } from '../wire/index.js';
import type { ClientTls } from './connect.js';
import { NotConnectedError, RequestTimeoutError } from './errors.js';
import { type AddpOptions, EspConnection } from './esp-connection.js';
import { backoffMs, type ReconnectOptions } from './reconnect.js';

export interface EspClientOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ClientTls;
  /** Of type 0 strings and keys. */
  readonly charset?: string;
  readonly addp?: AddpOptions;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** Makes a lost connection anew, after growing pauses; requests wait for it up to their timeouts. */
  readonly reconnect?: ReconnectOptions;
  /** Largest reply in bytes. */
  readonly messageBytes?: number;
  /** How long a reply may stay unfinished, in ms. */
  readonly frameMs?: number;
  readonly events?: EspClientEvents;
}

export interface EspClientEvents {
  connected?(): void;
  /** The connection is over; `problem` is undefined where this client closed it. */
  disconnected?(problem: Error | undefined): void;
  /** A message that answers nothing which waits, or comes too late. */
  unmatched?(message: EspMessage): void;
}

export interface EspRequestOptions {
  readonly service: string;
  readonly method: string;
  readonly appName?: string;
  readonly appType?: string | number;
  readonly parameters?: PlainValues | KeyValueList;
  readonly userData?: PlainValues | KeyValueList;
  /** The kind of the strings: `str` (type 0) unless given. */
  readonly text?: 'str' | 'utf16';
}

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface EspReply {
  readonly message: EspMessage;
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
  /** Undefined for a response. */
  readonly fault: { readonly code: string; readonly text: string } | undefined;
}

const DEFAULTS = { connectTimeoutMs: 5000, requestTimeoutMs: 10_000, messageBytes: 16_777_216, frameMs: 10_000 };

/** An ESP client: many requests at a time on one connection, each with the reply of its ReferenceId. */
export class EspClient implements AsyncDisposable {
  readonly #options: EspClientOptions & typeof DEFAULTS;
  readonly #charset: Charset;
  #connection: EspConnection | undefined;
  #connecting: Promise<void> | undefined;
  #retry: { timer: NodeJS.Timeout; attempt: number } | undefined;
  #open = false;
  readonly #waiters = new Set<() => void>();

  constructor(options: EspClientOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#charset = charset(options.charset);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** This end of the connection, as the server sees it; undefined where there is none. */
  get local(): { readonly host: string; readonly port: number } | undefined {
    return this.#connection?.local;
  }

  /** Connects; with `reconnect` on, a first attempt that fails is tried again later all the same. @throws ConnectError */
  connect(): Promise<void> {
    this.#open = true;
    if (this.#connection !== undefined) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * Asks a service's method. A fault is a reply like any other.
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

  /** Sends a message as it is, under a ReferenceId of this client's own; the reply has the message's. */
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

  /** Ends the connection in order, and does not make it anew. What waits ends with ConnectionLostError. */
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
        closed: (problem) => this.#disconnected(problem),
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

  #disconnected(problem: Error | undefined): void {
    const was = this.#connection;
    this.#connection = undefined;
    this.#options.events?.disconnected?.(problem);
    if (was !== undefined) this.#retryLater(0);
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
        signal.addEventListener('abort', abort, { once: true });
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
    try {
      this.#options.events?.unmatched?.(this.#decode(body));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
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
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Version, AppName, AppType, Service, Method, Parameters: as the vendor's clients lay a request out. */
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
