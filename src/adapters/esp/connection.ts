import type { Socket } from 'node:net';
import { type EspReply, EspRequest, MessageId, messageName } from '../../esp/index.js';
import type { Client, Dispatcher, PendingExchange } from '../../host/index.js';
import { cutText, OWN_TEXT, type RationedLog } from '../../telemetry/index.js';
import {
  afterPoll,
  type BufferBudget,
  type BufferShare,
  ConnectionError,
  EspSocket,
  type EspSocketEvents,
  QUIET_MS,
  type SocketCounts,
  type SocketLimits,
} from '../../transport/index.js';
import { type Charset, decodeBody, type ListLimits, type ReplyWriter, WireError } from '../../wire/index.js';
import { closeReason } from './connection-metrics.js';

export interface ConnectionLimits extends SocketLimits, ListLimits {
  /** Maximum number of requests in flight on one connection. */
  readonly inFlightPerConnection: number;
  /** How long a connection may be silent before its first request or ADDP frame, in ms. */
  readonly firstRequestMs: number;
}

/** What a connection needs to serve requests. A reload replaces it; requests in flight keep theirs. */
export interface ServingContext {
  readonly dispatcher: Dispatcher;
  readonly charset: Charset;
  /** Writes replies in that charset. */
  readonly replies: ReplyWriter;
  readonly limits: ConnectionLimits;
}

/** Messages that a host ignores; each has its own kind of log line. */
const IGNORED: ReadonlySet<number> = new Set([MessageId.Event3rdServerResponse, MessageId.Event3rdServerFault]);

/** Maximum lengths, in a log line, of the name of a request and of why a connection failed. */
const NAME_MAX = 200;
const PROBLEM_MAX = 1000;

/** A new connection. */
export interface AcceptedSocket {
  readonly socket: Socket;
  /** The socket below TLS. */
  readonly tcp: Socket;
  readonly budget: BufferBudget;
}

/** One ESP client. Passes its requests to the dispatcher, and sends each reply under its ReferenceId, in any order. */
export class ClientConnection implements Client {
  readonly #socket: EspSocket;
  readonly #inFlight = new Map<PendingExchange, Dispatcher>();
  readonly #share: BufferShare;
  readonly #openedAt = performance.now();
  #quietTimer: NodeJS.Timeout | undefined;
  /** Whether to end the connection once no request is in flight. */
  #endsWhenIdle = false;
  #stoppedReading = false;

  constructor(
    { socket, tcp, budget }: AcceptedSocket,
    private context: ServingContext,
    private readonly log: RationedLog,
    private readonly closed: (problem: Error | undefined) => void,
  ) {
    const events: EspSocketEvents = {
      body: (bytes, start, end) => this.#body(bytes, start, end),
      closed: (problem) => this.#closed(problem),
      trace: (text, frame) => this.#line('info', `ADDP ${frame}`, text),
      stalled: (bytes) => this.#share.stall(bytes),
    };
    this.#socket = new EspSocket(socket, context.limits, events, tcp);
    this.#share = budget.share(this.#socket.address, (bytes) => this.destroy(usesMost(bytes)));
  }

  get peer(): string {
    return this.#socket.peer;
  }

  get counts(): SocketCounts {
    return this.#socket.counts;
  }

  /** Serves further requests with this. */
  use(context: ServingContext): void {
    this.context = context;
    this.#socket.setLimits(context.limits);
  }

  /**
   * Enables TCP keepalive, and closes the connection if the client has sent nothing for firstRequestMs. After a request or
   * ADDP, it may be silent. The adapter calls this periodically for all connections, so that short ones need no timer.
   */
  check(now: number): void {
    const { firstRequestMs } = this.context.limits;
    this.#socket.keepAlive();
    if (this.#socket.silent && now - this.#openedAt >= firstRequestMs) this.destroy(silentClient(firstRequestMs));
  }

  /** Ends the connection at its first quiet moment. Until then, its requests are served as before. */
  endWhenQuiet(): void {
    const { bytesIn } = this.counts;
    const check = (): void => {
      if (this.#socket.over) return;
      const quiet = this.counts.bytesIn === bytesIn && this.#socket.backlog === 0;
      if (quiet && this.#idle) this.#socket.end();
      else this.endWhenQuiet();
    };
    this.#quietTimer = setTimeout(() => afterPoll(check), QUIET_MS);
  }

  /** Ends the connection once no request is in flight. */
  endWhenIdle(): void {
    this.#endsWhenIdle = true;
    afterPoll(() => this.#endIfIdle());
  }

  /** Reads no more requests, and ends the connection after the last reply. */
  stopReading(): void {
    this.#stoppedReading = true;
    this.#socket.stopReading();
    this.#endIfIdle();
  }

  /** Answers requests in flight with fault 920 stopping, and ends the connection. */
  turnAway(): void {
    for (const request of this.#inFlight.keys()) request.stop();
    this.#socket.end();
  }

  /** Closes the connection at once. */
  destroy(reason: Error): void {
    this.#socket.fail(reason);
  }

  #body(bytes: Buffer, start: number, end: number): void {
    const { charset, limits } = this.context;
    const message = decodeBody(bytes, start, end, charset, limits);
    if (message.messageId !== MessageId.Request3rdServer) {
      const { messageId, referenceId } = message;
      const kind = IGNORED.has(messageId) ? `ignored ${messageId}` : 'ignored';
      this.#line('warn', kind, `ignored ${messageName(messageId)}: it is not a request`, referenceId);
      return;
    }
    this.#request(new EspRequest(message), end - start);
  }

  #request(request: EspRequest, bytes: number): void {
    const { context } = this;
    const { dispatcher, limits } = context;
    let inFlight: PendingExchange | undefined;
    const reply = (message: EspReply): void => {
      if (inFlight !== undefined && this.#inFlight.delete(inFlight)) this.#share.wait(-bytes);
      this.#reply(message, context);
    };
    if (this.#inFlight.size >= limits.inFlightPerConnection || !this.#share.fits(bytes)) {
      dispatcher.overloaded(request, this, reply);
      return;
    }
    inFlight = dispatcher.dispatch(request, this, reply, this.#socket.readAt);
    if (inFlight?.isPending !== true) return;
    this.#inFlight.set(inFlight, dispatcher);
    this.#share.wait(bytes);
  }

  /** @throws EncodeError, ReplyTooLargeError */
  #reply(reply: EspReply, { replies }: ServingContext): void {
    if (reply.referenceId === undefined) {
      const name = cutText(reply.to.name, NAME_MAX) || 'a request';
      this.#line('warn', 'no ReferenceId', `${name} has no ReferenceId and cannot be answered`);
    } else {
      this.#socket.writeWith(replies, reply);
    }
    if (this.#endsWhenIdle) afterPoll(() => this.#endIfIdle());
  }

  get #idle(): boolean {
    return this.#inFlight.size === 0 && (this.#stoppedReading || !this.#socket.unfinished);
  }

  #endIfIdle(): void {
    if (this.#idle) this.#socket.end();
  }

  #closed(problem: Error | undefined): void {
    clearTimeout(this.#quietTimer);
    for (const [waiting, dispatcher] of this.#inFlight) dispatcher.abandon(waiting);
    this.#inFlight.clear();
    this.#share.end();
    if (problem !== undefined) this.#logProblem(problem);
    this.closed(problem);
  }

  /** A client that breaks the format or stalls is worth a warning; one that disconnects is not. */
  #logProblem(problem: Error): void {
    const level = problem instanceof WireError || problem instanceof ConnectionError ? 'warn' : 'info';
    const kind = `closed: ${closeReason(problem)}`;
    const text = `connection closed: ${cutText(this.#socket.describe(problem), PROBLEM_MAX)}`;
    this.log.ofConnection(level, kind, this.peer, text, problem instanceof WireError ? { [OWN_TEXT]: true } : {});
  }

  #line(level: 'warn' | 'info', kind: string, text: string, referenceId?: number): void {
    this.log.ofConnection(level, kind, this.peer, text, { referenceId });
  }
}

const silentClient = (ms: number): Error =>
  new ConnectionError('first_request_timeout', `no request and no ADDP within ${ms} ms (limits.firstRequestMs)`);

const usesMost = (bytes: number): Error =>
  new ConnectionError(
    'buffers_full',
    `limits.bufferedBytes is reached, and this client uses the most: ${bytes} bytes of incomplete messages and unread replies`,
  );
