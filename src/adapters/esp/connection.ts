import type { Socket } from 'node:net';
import { type EspReply, EspRequest, MessageId, messageName } from '../../esp/index.js';
import type { Client, Dispatcher, InFlight } from '../../host/index.js';
import type { RootLogger } from '../../telemetry/index.js';
import {
  afterPoll,
  ConnectionProblem,
  EspSocket,
  QUIET_MS,
  type SocketCounts,
  type SocketLimits,
} from '../../transport/index.js';
import { type Charset, decodeBody, type ListLimits, type ReplyWriter, WireError } from '../../wire/index.js';

export interface ConnectionLimits extends SocketLimits, ListLimits {
  /** Most requests of one connection that wait for their handlers. */
  readonly inFlightPerConnection: number;
}

/** What requests are served with; a reload brings another. A request ends with what it began with. */
export interface Service {
  readonly dispatcher: Dispatcher;
  readonly charset: Charset;
  /** In that charset. */
  readonly replies: ReplyWriter;
  readonly limits: ConnectionLimits;
}

/** One ESP client: its requests go to the dispatcher, and each reply back with its ReferenceId, in any order. */
export class EspConnection implements Client {
  readonly #socket: EspSocket;
  readonly #waiting = new Map<InFlight, Dispatcher>();
  #quietTimer: NodeJS.Timeout | undefined;
  /** Whether it ends as soon as nothing waits. */
  #endsWhenIdle = false;
  #readsNoMore = false;

  constructor(
    socket: Socket,
    private service: Service,
    private readonly logger: RootLogger,
    private readonly closed: (problem: Error | undefined) => void,
  ) {
    this.#socket = new EspSocket(socket, service.limits, {
      body: (bytes, start, end) => this.#body(bytes, start, end),
      closed: (problem) => this.#closed(problem),
      trace: (text) => logger.info(text, { client: this.peer }),
    });
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
      this.logger.warn(`${messageName(message.messageId)} was sent to this host and is ignored`, {
        referenceId: message.referenceId,
        client: this.peer,
      });
      return;
    }
    this.#request(new EspRequest(message));
  }

  #request(request: EspRequest): void {
    const { service } = this;
    const { dispatcher, limits } = service;
    let waiting: InFlight | undefined;
    const reply = (message: EspReply): void => {
      if (waiting !== undefined) this.#waiting.delete(waiting);
      this.#reply(message, service);
    };
    if (this.#waiting.size >= limits.inFlightPerConnection) {
      dispatcher.overloaded(request, this, reply);
      return;
    }
    waiting = dispatcher.dispatch(request, this, reply);
    if (waiting !== undefined) this.#waiting.set(waiting, dispatcher);
  }

  /** @throws EncodeError, ReplyTooLarge */
  #reply(reply: EspReply, { replies }: Service): void {
    if (reply.referenceId === undefined) {
      this.logger.warn(`${reply.to.name || 'a request'} came without ReferenceId and cannot be answered`, {
        client: this.peer,
      });
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
    const gone = new Error('the client has gone');
    for (const [waiting, dispatcher] of this.#waiting) dispatcher.abandon(waiting, gone);
    this.#waiting.clear();
    if (problem !== undefined) this.#logProblem(problem);
    this.closed(problem);
  }

  /** A client that went away without a word is its own business; bytes that break the format are not. */
  #logProblem(problem: Error): void {
    const level = problem instanceof WireError || problem instanceof ConnectionProblem ? 'warn' : 'info';
    this.logger[level](`connection closed: ${this.#socket.describe(problem)}`, { client: this.peer });
  }
}
