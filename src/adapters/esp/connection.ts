import type { Socket } from 'node:net';
import { type EspReply, EspRequest, MessageId, messageName } from '../../esp/index.js';
import type { Client, Dispatcher, InFlight } from '../../host/index.js';
import { cutText, type RationedLog } from '../../telemetry/index.js';
import {
  afterPoll,
  type BufferBudget,
  type BufferShare,
  ConnectionProblem,
  EspSocket,
  type EspSocketEvents,
  QUIET_MS,
  type SocketCounts,
  type SocketLimits,
} from '../../transport/index.js';
import { type Charset, decodeBody, type ListLimits, type ReplyWriter, WireError } from '../../wire/index.js';
import { closeReason } from './connection-metrics.js';

export interface ConnectionLimits extends SocketLimits, ListLimits {
  /** Most requests of one connection that wait for their handlers. */
  readonly inFlightPerConnection: number;
  /** How long a connection may say nothing at all, in ms. */
  readonly firstRequestMs: number;
}

/** What requests are served with; a reload brings another. A request ends with what it began with. */
export interface Service {
  readonly dispatcher: Dispatcher;
  readonly charset: Charset;
  /** In that charset. */
  readonly replies: ReplyWriter;
  readonly limits: ConnectionLimits;
}

/** The messages that others send: a kind of log line each. */
const IGNORED = { [MessageId.Event3rdServerResponse]: true, [MessageId.Event3rdServerFault]: true };

/** How much a log line repeats of a request's name, and says of what was wrong with a connection. */
const NAME_CHARACTERS = 200;
const PROBLEM_CHARACTERS = 1000;

/** A connection that has been taken. */
export interface Taken {
  readonly socket: Socket;
  /** What lies below TLS. */
  readonly tcp: Socket;
  readonly budget: BufferBudget;
}

/** One ESP client: its requests go to the dispatcher, and each reply back with its ReferenceId, in any order. */
export class EspConnection implements Client {
  readonly #socket: EspSocket;
  readonly #waiting = new Map<InFlight, Dispatcher>();
  readonly #share: BufferShare;
  readonly #openedAt = performance.now();
  #quietTimer: NodeJS.Timeout | undefined;
  /** Whether it ends as soon as nothing waits. */
  #endsWhenIdle = false;
  #readsNoMore = false;

  constructor(
    { socket, tcp, budget }: Taken,
    private service: Service,
    private readonly log: RationedLog,
    private readonly closed: (problem: Error | undefined) => void,
  ) {
    const events: EspSocketEvents = {
      body: (bytes, start, end) => this.#body(bytes, start, end),
      closed: (problem) => this.#closed(problem),
      trace: (text, frame) => this.#line('info', `ADDP ${frame}`, text),
      stalled: (bytes) => this.#share.stall(bytes),
    };
    this.#socket = new EspSocket(socket, service.limits, events, tcp);
    this.#share = budget.share(this.#socket.address, (held) => this.destroy(holdsMost(held)));
  }

  get peer(): string {
    return this.#socket.peer;
  }

  get counts(): SocketCounts {
    return this.#socket.counts;
  }

  /** What the next request is served with. */
  use(service: Service): void {
    this.service = service;
    this.#socket.setLimits(service.limits);
  }

  /**
   * Keeps the TCP connection alive, and closes it where the client has sent nothing in firstRequestMs. A client that has
   * sent something, be it ADDP alone, may be silent afterwards. The adapter calls this from time to time for all of
   * its connections, so that a short one needs no timer.
   */
  check(now: number): void {
    const { firstRequestMs } = this.service.limits;
    this.#socket.keepAlive();
    if (this.#socket.silent && now - this.#openedAt >= firstRequestMs) this.destroy(saidNothing(firstRequestMs));
  }

  /** Ends the connection at its first quiet moment; until then it is served as before. */
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

  /** Ends the connection as soon as nothing waits. */
  endWhenIdle(): void {
    this.#endsWhenIdle = true;
    afterPoll(() => this.#endIfIdle());
  }

  /** Begins nothing more, and ends the connection behind the last reply. */
  stopReading(): void {
    this.#readsNoMore = true;
    this.#socket.stopReading();
    this.#endIfIdle();
  }

  /** Answers what still waits with fault 920 stopping, and ends the connection. */
  turnAway(): void {
    for (const waiting of this.#waiting.keys()) waiting.turnAway();
    this.#socket.end();
  }

  /** Closes it as it is. */
  destroy(reason: Error): void {
    this.#socket.fail(reason);
  }

  #body(bytes: Buffer, start: number, end: number): void {
    const { charset, limits } = this.service;
    const message = decodeBody(bytes, start, end, charset, limits);
    if (message.messageId !== MessageId.Request3rdServer) {
      const { messageId, referenceId } = message;
      const kind = messageId in IGNORED ? `ignored ${messageId}` : 'ignored';
      this.#line('warn', kind, `${messageName(messageId)} was sent to this host and is ignored`, referenceId);
      return;
    }
    this.#request(new EspRequest(message), end - start);
  }

  #request(request: EspRequest, bytes: number): void {
    const { service } = this;
    const { dispatcher, limits } = service;
    let waiting: InFlight | undefined;
    const reply = (message: EspReply): void => {
      if (waiting !== undefined && this.#waiting.delete(waiting)) this.#share.wait(-bytes);
      this.#reply(message, service);
    };
    if (this.#waiting.size >= limits.inFlightPerConnection || !this.#share.fits(bytes)) {
      dispatcher.overloaded(request, this, reply);
      return;
    }
    waiting = dispatcher.dispatch(request, this, reply);
    if (waiting === undefined || waiting.over) return;
    this.#waiting.set(waiting, dispatcher);
    this.#share.wait(bytes);
  }

  /** @throws EncodeError, ReplyTooLargeError */
  #reply(reply: EspReply, { replies }: Service): void {
    if (reply.referenceId === undefined) {
      const name = cutText(reply.to.name, NAME_CHARACTERS) || 'a request';
      this.#line('warn', 'no ReferenceId', `${name} came without ReferenceId and cannot be answered`);
    } else {
      this.#socket.writeWith(replies, reply);
    }
    if (this.#endsWhenIdle && this.#waiting.size === 0) afterPoll(() => this.#endIfIdle());
  }

  get #idle(): boolean {
    return this.#waiting.size === 0 && (this.#readsNoMore || !this.#socket.unfinished);
  }

  #endIfIdle(): void {
    if (this.#idle) this.#socket.end();
  }

  #closed(problem: Error | undefined): void {
    clearTimeout(this.#quietTimer);
    for (const [waiting, dispatcher] of this.#waiting) dispatcher.abandon(waiting);
    this.#waiting.clear();
    this.#share.end();
    if (problem !== undefined) this.#logProblem(problem);
    this.closed(problem);
  }

  /** A client that went away without a word is its own business; bytes that break the format are not. */
  #logProblem(problem: Error): void {
    const level = problem instanceof WireError || problem instanceof ConnectionProblem ? 'warn' : 'info';
    const kind = `closed: ${closeReason(problem)}`;
    this.#line(level, kind, `connection closed: ${cutText(this.#socket.describe(problem), PROBLEM_CHARACTERS)}`);
  }

  #line(level: 'warn' | 'info', kind: string, text: string, referenceId?: number): void {
    this.log.ofConnection(level, kind, this.peer, text, referenceId === undefined ? {} : { referenceId });
  }
}

const saidNothing = (ms: number): Error =>
  new ConnectionProblem('first_request_timeout', `no request and no ADDP within ${ms} ms (limits.firstRequestMs)`);

const holdsMost = (held: number): Error =>
  new ConnectionProblem(
    'buffers_full',
    `limits.bufferedBytes is reached, and this client held the most: ${held} bytes of messages that are not whole and of replies that it does not read`,
  );
