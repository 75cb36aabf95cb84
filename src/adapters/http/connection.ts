import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../../host/index.js';
import { peerOf } from './http-server.js';

/** Most requests that a client may send ahead of their replies: each reply may be large, and waits in memory. */
export const MOST_AHEAD = 16;

/** One HTTP client with its requests that are not answered yet: more than one where it sends them ahead. */
export class Connection implements Client {
  readonly peer: string;
  /** Each with what abandons its call. */
  readonly #open = new Map<ServerResponse, (() => void) | undefined>();

  constructor(
    socket: Socket,
    /** A request is over: answered, or its client has gone. */
    private readonly ended: () => void,
  ) {
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

  /** The request waits for its method; `abandon` is called when it is over, and does nothing to one that is answered. */
  waits(response: ServerResponse, abandon: () => void): void {
    if (this.#open.has(response)) this.#open.set(response, abandon);
    else abandon();
  }

  #end(response: ServerResponse): void {
    const abandon = this.#open.get(response);
    if (!this.#open.delete(response)) return;
    abandon?.();
    this.ended();
  }
}
