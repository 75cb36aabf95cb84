import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../../host/index.js';
import { afterPoll, QUIET_MS } from '../../transport/index.js';
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

/** One HTTP client with its requests that are not answered yet: more than one where it sends them ahead. */
export class Connection implements Client {
  readonly peer: string;
  readonly #open = new Map<ServerResponse, Waiting | undefined>();
  /** What the socket had read when the last request was over: what has come since begins another. */
  #bytesRead = 0;
  #over = false;

  constructor(private readonly socket: Socket) {
    this.peer = peerOf(socket);
    // A reply that stands behind another is not told by Node that the connection is over.
    socket.once('close', () => {
      for (const response of this.#open.keys()) this.#end(response);
    });
  }

  /** Whether no more requests are taken. */
  get full(): boolean {
    return this.#open.size >= MOST_AHEAD;
  }

  /** Whether a request has come whole and is not answered: what is written now would be taken for its reply. */
  get owesReply(): boolean {
    return [...this.#open.keys()].some((response) => response.req.complete);
  }

  begin(response: ServerResponse): void {
    this.#open.set(response, undefined);
    response.once('close', () => this.#end(response));
  }

  /** The request waits for its method. */
  waits(response: ServerResponse, waiting: Waiting): void {
    if (this.#open.has(response)) this.#open.set(response, waiting);
    else waiting.abandon();
  }

  /** Whether it ends: what comes from now on is not begun. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends the connection with this reply, unless others are due behind it. @returns whether it does */
  endWith(response: ServerResponse): boolean {
    this.#over ||= [...this.#open.keys()].at(-1) === response;
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
    for (const waiting of this.#open.values()) waiting?.turnAway();
  }

  end(): void {
    this.#over = true;
    this.socket.end();
  }

  /** No request is open, and none has begun to come. */
  get #idle(): boolean {
    return this.#open.size === 0 && this.socket.bytesRead === this.#bytesRead;
  }

  #end(response: ServerResponse): void {
    const waiting = this.#open.get(response);
    if (!this.#open.delete(response)) return;
    this.#bytesRead = this.socket.bytesRead;
    waiting?.abandon();
  }
}
