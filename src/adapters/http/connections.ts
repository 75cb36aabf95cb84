import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../../host/index.js';
import type { RationedLog } from '../../telemetry/index.js';
import { afterPoll, type BufferBudget, type BufferShare, peerOf, QUIET_MS } from '../../transport/index.js';

/** Maximum number of requests that a client may pipeline: each reply may be large, and waits in memory. */
const PIPELINED_MAX = 16;

/** A call in flight. Neither method does anything once it is answered. */
export interface PendingCall {
  /** The client has disconnected. */
  abandon(): void;
  /** Answers it with fault 920 stopping. */
  turnAway(): void;
}

/** A request without its whole reply. */
interface OpenRequest {
  call: PendingCall | undefined;
  /** Size of the request while its call is in flight. */
  waitingBytes: number;
  /** Received bytes of the body, later the unsent bytes of the reply. */
  stalledBytes: number;
}

/** One HTTP client and its open requests: several if it pipelines them. */
export class Connection implements Client {
  readonly peer: string;
  readonly #open = new Map<IncomingMessage, OpenRequest>();
  readonly #share: BufferShare;
  #stalled = 0;
  /** What the socket had read when the last request ended: later bytes belong to the next one. */
  #bytesRead = 0;
  #ending = false;

  constructor(
    private readonly socket: Socket,
    budget: BufferBudget,
    /** Called when the budget closes it. */
    evicted: (connection: Connection, bytes: number) => void,
  ) {
    this.peer = peerOf(socket);
    this.#share = budget.share(socket.remoteAddress ?? 'unknown', (bytes) => {
      evicted(this, bytes);
      socket.destroy();
    });
    // Node does not tell a pipelined reply that its connection has closed.
    socket.once('close', () => {
      for (const request of this.#open.keys()) this.#end(request);
      this.#share.end();
    });
  }

  /** Whether it may not begin another request. */
  get full(): boolean {
    return this.#open.size >= PIPELINED_MAX;
  }

  /** Whether a complete request is unanswered: the client would take what is written now for its reply. */
  get owesReply(): boolean {
    return [...this.#open.keys()].some(({ complete }) => complete);
  }

  begin(response: ServerResponse): void {
    const request = response.req;
    this.#open.set(request, { call: undefined, waitingBytes: 0, stalledBytes: 0 });
    response.once('close', () => this.#end(request));
  }

  /** Reports the bytes in memory of a request's body, or later of its reply. */
  buffered(request: IncomingMessage, bytes: number): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#stalled += bytes - open.stalledBytes;
    open.stalledBytes = bytes;
    this.#share.stall(this.#stalled);
  }

  /** Whether the budget has room for a request of this size. */
  fits(bytes: number): boolean {
    return this.#share.fits(bytes);
  }

  /** Adds a call of this size. */
  add(request: IncomingMessage, bytes: number, call: PendingCall): void {
    const open = this.#open.get(request);
    if (open === undefined) {
      call.abandon();
      return;
    }
    open.call = call;
    open.waitingBytes = bytes;
    this.#share.wait(bytes);
  }

  /** Whether the connection ends: it begins no more requests. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Ends the connection with this reply, unless more replies are due. @returns whether it ends */
  endWith(response: ServerResponse): boolean {
    this.#ending ||= [...this.#open.keys()].at(-1) === response.req;
    return this.#ending;
  }

  /** Ends the connection at its first quiet moment. */
  endWhenQuiet(): void {
    const { bytesRead } = this.socket;
    const check = (): void => {
      if (this.socket.destroyed) return;
      if (this.#idle && this.socket.bytesRead === bytesRead) this.end();
      else this.endWhenQuiet();
    };
    setTimeout(() => afterPoll(check), QUIET_MS);
  }

  /** Answers calls in flight with fault 920 stopping. */
  turnAway(): void {
    for (const { call } of this.#open.values()) call?.turnAway();
  }

  end(): void {
    this.#ending = true;
    this.socket.end();
  }

  /** Whether no request is open, and no part of another has arrived. */
  get #idle(): boolean {
    return this.#open.size === 0 && this.socket.bytesRead === this.#bytesRead;
  }

  #end(request: IncomingMessage): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.buffered(request, 0);
    this.#open.delete(request);
    this.#share.wait(-open.waitingBytes);
    this.#bytesRead = this.socket.bytesRead;
    open.call?.abandon();
  }
}

/** The connections of an adapter. */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>();
  /** Whether each connection ends with its next reply. */
  draining = false;

  constructor(
    private readonly log: RationedLog,
    private readonly budget: BufferBudget,
  ) {}

  of(socket: Socket): Connection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, this.budget, ({ peer }, bytes) =>
      this.#logClosed('HTTP buffers full', peer, usesMost(bytes)),
    );
    this.#known.set(socket, connection);
    return connection;
  }

  /** Wraps a handler to track its requests. Closes the connection of a client that pipelines too many. */
  tracking(handler: RequestListener): RequestListener {
    return (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const connection = this.of(socket);
      if (connection.ending) return;
      if (!connection.full) {
        connection.begin(response);
        handler(request, response);
      } else if (!socket.destroyed) {
        this.#logClosed('HTTP ahead', connection.peer, `more than ${PIPELINED_MAX} pipelined requests`);
        socket.destroy();
      }
    };
  }

  #logClosed(kind: string, peer: string, why: string): void {
    this.log.ofConnection('warn', kind, peer, `HTTP connection closed: ${why}`);
  }
}

const usesMost = (bytes: number): string =>
  `limits.bufferedBytes is reached, and this client uses the most: ${bytes} bytes of incomplete bodies and unread replies`;
