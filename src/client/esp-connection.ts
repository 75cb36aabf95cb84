import type { Socket } from 'node:net';
import { EspSocket } from '../transport/index.js';
import { frame, referenceIdOffset } from '../wire/index.js';
import { type ConnectOptions, connect } from './connect.js';
import { ConnectionLostError } from './errors.js';

/** Genesys ADDP: polls that detect a dead peer. */
export interface AddpOptions {
  /** After how much silence of the server this client polls it, in ms. */
  readonly timeoutMs: number;
  /** After how much silence of this client the server polls it, in ms. 0: never. */
  readonly remoteTimeoutMs: number;
  /** Requests that the server logs ADDP frames. @default false */
  readonly trace?: boolean;
}

/** Options of {@link EspConnection}. */
export interface EspConnectionOptions extends ConnectOptions {
  readonly addp?: AddpOptions;
  /** Maximum size of a reply, in bytes. */
  readonly messageBytes: number;
  /** How long a reply may be incomplete, in ms. */
  readonly frameMs: number;
}

export interface EspConnectionEvents {
  /** A reply that matches no pending request. */
  unmatched?(body: Buffer): void;
  closed?(problem: Error | undefined): void;
}

/** Receives the outcome of a request. */
export interface PendingReply {
  /** The caller's ReferenceId. */
  readonly referenceId: number;
  /** The body of the reply, with the caller's ReferenceId. */
  answered(body: Buffer): void;
  /** The connection has closed before the reply arrived. */
  lost(error: Error): void;
}

/**
 * One connection to an ESP server. It sends message bodies under ReferenceIds of its own, and returns the bodies of the
 * replies with the caller's ReferenceIds. All other bytes pass unchanged.
 */
export class EspConnection {
  readonly #socket: EspSocket;
  readonly #pending = new PendingReplies<PendingReply>();
  readonly #address: string;
  #closing = false;

  private constructor(
    socket: Socket,
    options: EspConnectionOptions,
    private readonly events: EspConnectionEvents,
  ) {
    this.#address = `${options.host}:${options.port}`;
    this.#socket = new EspSocket(socket, options, {
      body: (bytes, start, end) => this.#body(bytes, start, end),
      closed: (problem) => this.#closed(problem),
    });
    const { addp } = options;
    if (addp !== undefined) this.#socket.addp.init(addp.timeoutMs, addp.remoteTimeoutMs, addp.trace);
  }

  /** @throws ConnectError */
  static async open(options: EspConnectionOptions, events: EspConnectionEvents = {}): Promise<EspConnection> {
    return new EspConnection(await connect(options), options, events);
  }

  /** The address of this end of the connection. */
  get local(): { readonly host: string; readonly port: number } {
    const { localAddress = '', localPort = 0 } = this.#socket.socket;
    return { host: localAddress, port: localPort };
  }

  /** The number of pending requests. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /**
   * Sends a message body. A body without ReferenceId is sent, but never answered.
   * @returns the ReferenceId on the wire, for `forget`
   */
  send(body: Buffer, pendingOf: (referenceId: number) => PendingReply): number | undefined {
    const offset = referenceIdOffset(body, 0, body.length);
    if (offset === undefined) {
      this.#socket.writeMessage(frame(body));
      return undefined;
    }
    const own = this.#pending.add(pendingOf(body.readInt32BE(offset)));
    const framed = Buffer.from(body);
    framed.writeInt32BE(own, offset);
    this.#socket.writeMessage(frame(framed));
    return own;
  }

  /** Drops a pending request. */
  forget(referenceId: number): void {
    this.#pending.take(referenceId);
  }

  /** Closes the connection gracefully. Pending requests are lost. */
  close(): void {
    this.#closing = true;
    this.#socket.end();
    this.#lose('closed by this client');
  }

  #body(bytes: Buffer, start: number, end: number): void {
    const offset = referenceIdOffset(bytes, start, end);
    const pending = offset === undefined ? undefined : this.#pending.take(bytes.readInt32BE(offset));
    const body = Buffer.from(bytes.subarray(start, end));
    if (pending === undefined || offset === undefined) {
      this.events.unmatched?.(body);
      return;
    }
    body.writeInt32BE(pending.referenceId, offset - start);
    pending.answered(body);
  }

  #closed(problem: Error | undefined): void {
    this.#lose(problem === undefined ? 'the server closed it' : this.#socket.describe(problem), problem);
    this.events.closed?.(this.#closing ? undefined : (problem ?? new Error('the server closed the connection')));
  }

  #lose(why: string, cause?: Error): void {
    for (const pending of this.#pending.takeAll()) pending.lost(new ConnectionLostError(this.#address, why, { cause }));
  }
}

/** Pending requests by the ReferenceIds that this side assigns: int32 above 0, unique among pending requests. */
export class PendingReplies<T> {
  readonly #pending = new Map<number, T>();
  #last: number;

  constructor(first = 1) {
    this.#last = first - 1;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Adds an item. @returns its ReferenceId */
  add(item: T): number {
    do {
      this.#last = this.#last >= 0x7fffffff ? 1 : this.#last + 1;
    } while (this.#pending.has(this.#last));
    this.#pending.set(this.#last, item);
    return this.#last;
  }

  /** Removes and returns the item with this ReferenceId. */
  take(referenceId: number): T | undefined {
    const item = this.#pending.get(referenceId);
    this.#pending.delete(referenceId);
    return item;
  }

  /** Removes and returns all items. */
  takeAll(): T[] {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    return all;
  }
}
