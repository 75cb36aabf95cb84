import type { Socket } from 'node:net';
import { EspSocket } from '../transport/index.js';
import { frame, referenceIdOffset } from '../wire/index.js';
import { type ConnectOptions, connect } from './connect.js';
import { ConnectionLostError } from './errors.js';
import { Pending } from './pending.js';

export interface AddpOptions {
  /** After how much silence this side polls, in ms. */
  readonly timeoutMs: number;
  /** After how much silence the server shall poll, in ms; 0: never. */
  readonly remoteTimeoutMs: number;
  readonly trace?: boolean;
}

export interface EspConnectionOptions extends ConnectOptions {
  readonly addp?: AddpOptions;
  readonly messageBytes: number;
  readonly frameMs: number;
}

export interface EspConnectionEvents {
  /** A message that answers nothing which waits. */
  unmatched?(body: Buffer): void;
  closed?(problem: Error | undefined): void;
}

/** What waits for the body of a reply, with the ReferenceId of its request put back. */
export interface Waiting {
  readonly referenceId: number;
  answered(body: Buffer): void;
  lost(error: Error): void;
}

/**
 * One connection to an ESP server that sends whole bodies under ReferenceIds of its own and gives back the bodies of
 * the replies with the caller's; all other bytes pass as they are.
 */
export class EspConnection {
  readonly #socket: EspSocket;
  readonly #pending = new Pending<Waiting>();
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

  /** This side's own address: what the server knows it by. */
  get local(): { readonly host: string; readonly port: number } {
    const { localAddress = '', localPort = 0 } = this.#socket.socket;
    return { host: localAddress, port: localPort };
  }

  /** Requests that wait for their replies. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /**
   * Sends a message body. One without ReferenceId can't be answered: it goes out, and nothing waits.
   * @returns the ReferenceId it went under, for `forget`
   */
  send(body: Buffer, waiting: (referenceId: number) => Waiting): number | undefined {
    const offset = referenceIdOffset(body, 0, body.length);
    if (offset === undefined) {
      this.#socket.writeMessage(frame(body));
      return undefined;
    }
    const own = this.#pending.add(waiting(body.readInt32BE(offset)));
    const framed = Buffer.from(body);
    framed.writeInt32BE(own, offset);
    this.#socket.writeMessage(frame(framed));
    return own;
  }

  /** Nobody waits for this reply any more. */
  forget(referenceId: number): void {
    this.#pending.take(referenceId);
  }

  /** Ends the connection in order; what waits is lost. */
  close(): void {
    this.#closing = true;
    this.#socket.end();
    this.#lose('closed by this client');
  }

  #body(bytes: Buffer, start: number, end: number): void {
    const offset = referenceIdOffset(bytes, start, end);
    const waiting = offset === undefined ? undefined : this.#pending.take(bytes.readInt32BE(offset));
    const body = Buffer.from(bytes.subarray(start, end));
    if (waiting === undefined || offset === undefined) {
      this.events.unmatched?.(body);
      return;
    }
    body.writeInt32BE(waiting.referenceId, offset - start);
    waiting.answered(body);
  }

  #closed(problem: Error | undefined): void {
    this.#lose(problem === undefined ? 'the server closed it' : this.#socket.describe(problem), problem);
    this.events.closed?.(this.#closing ? undefined : (problem ?? new Error('the server closed the connection')));
  }

  #lose(why: string, cause?: Error): void {
    for (const waiting of this.#pending.takeAll()) waiting.lost(new ConnectionLostError(this.#address, why, { cause }));
  }
}
