import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../../host/index.js';
import { afterPoll, type BufferBudget, type BufferShare, QUIET_MS } from '../../transport/index.js';
import { peerOf } from './http-server.js';

/** Most requests that a client may send ahead of their replies: each reply may be large, and waits in memory. */
export const MOST_AHEAD = 16;

/** What a request waits for; neither does anything to one that is answered. */
export interface Waiting {
  /** The client has gone. */
  abandon(): void;
  /** Answers it 920 stopping. */
  turnAway(): void;
}

/** A request that is not over. */
interface Open {
  waiting: Waiting | undefined;
  /** Bytes of the request, while it waits for its method. */
  waitingBytes: number;
  /** Of its body while that comes in, then of its reply until that has gone out. */
  stalledBytes: number;
}

/** One HTTP client with its requests that are not answered yet: more than one where it sends them ahead. */
export class Connection implements Client {
  readonly peer: string;
  readonly #open = new Map<IncomingMessage, Open>();
  readonly #share: BufferShare;
  #stalled = 0;
  /** What the socket had read when the last request was over: what has come since begins another. */
  #bytesRead = 0;
  #over = false;

  constructor(
    private readonly socket: Socket,
    budget: BufferBudget,
    /** The budget closes it. */
    closed: (connection: Connection, held: number) => void,
  ) {
    this.peer = peerOf(socket);
    this.#share = budget.share(socket.remoteAddress ?? 'unknown', (held) => {
      closed(this, held);
      socket.destroy();
    });
    // A reply that stands behind another is not told by Node that the connection is over.
    socket.once('close', () => {
      for (const request of this.#open.keys()) this.#end(request);
      this.#share.end();
    });
  }

  /** Whether no more requests are taken. */
  get full(): boolean {
    return this.#open.size >= MOST_AHEAD;
  }

  /** Whether a request has come whole and is not answered: what is written now would be taken for its reply. */
  get owesReply(): boolean {
    return [...this.#open.keys()].some(({ complete }) => complete);
  }

  begin(response: ServerResponse): void {
    const request = response.req;
    this.#open.set(request, { waiting: undefined, waitingBytes: 0, stalledBytes: 0 });
    response.once('close', () => this.#end(request));
  }

  /** How many bytes of its body, or later of its reply, are kept. */
  holds(request: IncomingMessage, bytes: number): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#stalled += bytes - open.stalledBytes;
    open.stalledBytes = bytes;
    this.#share.stall(this.#stalled);
  }

  /** Whether a request of this size may wait for its method. */
  fits(bytes: number): boolean {
    return this.#share.fits(bytes);
  }

  /** The request waits for its method. */
  waits(request: IncomingMessage, bytes: number, waiting: Waiting): void {
    const open = this.#open.get(request);
    if (open === undefined) {
      waiting.abandon();
      return;
    }
    open.waiting = waiting;
    open.waitingBytes = bytes;
    this.#share.wait(bytes);
  }

  /** Whether it ends: what comes from now on is not begun. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends the connection with this reply, unless others are due behind it. @returns whether it does */
  endWith(response: ServerResponse): boolean {
    this.#over ||= [...this.#open.keys()].at(-1) === response.req;
    return this.#over;
  }

  /** Ends the connection at its first quiet moment. */
  endWhenQuiet(): void {
    const { bytesRead } = this.socket;
    const check = (): void => {
      if (this.#over || this.socket.destroyed) return;
      if (this.#idle && this.socket.bytesRead === bytesRead) this.end();
      else this.endWhenQuiet();
    };
    setTimeout(() => afterPoll(check), QUIET_MS);
  }

  /** Answers what still waits with fault 920 stopping. */
  turnAway(): void {
    for (const { waiting } of this.#open.values()) waiting?.turnAway();
  }

  end(): void {
    this.#over = true;
    this.socket.end();
  }

  /** No request is open, and none has begun to come. */
  get #idle(): boolean {
    return this.#open.size === 0 && this.socket.bytesRead === this.#bytesRead;
  }

  #end(request: IncomingMessage): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.holds(request, 0);
    this.#open.delete(request);
    this.#share.wait(-open.waitingBytes);
    this.#bytesRead = this.socket.bytesRead;
    open.waiting?.abandon();
  }
}
