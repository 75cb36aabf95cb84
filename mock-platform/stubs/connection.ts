import type { Socket } from 'node:net';
import type { Logger } from 'esp-host';
import {
  ConnectionProblem,
  charset,
  decodeBody,
  type EspMessage,
  EspRequest,
  EspSocket,
  encodeMessage,
  MessageId,
  messageName,
  WireError,
} from 'esp-host/wire';
import type { StubAnswer, StubSet } from './stub-set.js';

/** A request and what was said to it, as soon as that went out, or was found to be nothing. */
export interface StubExchange extends StubAnswer {
  /** The AppName of the server. */
  readonly application: string;
  /** The client's address, `127.0.0.1:50123`. */
  readonly client: string;
  readonly request: EspMessage;
}

export interface StubConnectionOptions {
  readonly stubs: StubSet;
  readonly logger: Logger;
  readonly answered: (exchange: StubExchange) => void;
}

const UTF_8 = charset();
const LIMITS = { messageBytes: 16 << 20, frameMs: 10_000 };

/** One client of a stub server: each request is answered when its stub says so, whatever the others wait for. */
export class StubConnection {
  readonly #socket: EspSocket;
  /** Of the answers that are still to go out. */
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    socket: Socket,
    private readonly options: StubConnectionOptions,
    private readonly closed: (connection: StubConnection) => void,
  ) {
    this.#socket = new EspSocket(socket, LIMITS, {
      body: (bytes, start, end) => this.#message(decodeBody(bytes, start, end, UTF_8)),
      closed: (problem) => this.#closed(problem),
      trace: (text) => this.#log('info', text),
    });
  }

  /** Ends the connection when what was written has gone out; delayed answers are given up. */
  close(): void {
    this.#giveUp();
    this.#socket.end();
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#socket.socket.destroy();
  }

  #message(message: EspMessage): void {
    const { stubs } = this.options;
    if (message.messageId !== MessageId.Request3rdServer) {
      this.#log('warn', `${messageName(message.messageId)} was sent to ${stubs.application.name} and is ignored`);
      return;
    }
    const request = new EspRequest(message);
    const answer = stubs.answer(request);
    if (answer.unmatched !== undefined) {
      this.#log('warn', answer.unmatched, { request: request.name, referenceId: message.referenceId });
    }
    if (answer.delayMs === 0) this.#reply(message, answer);
    else this.#later(answer.delayMs, () => this.#reply(message, answer));
  }

  #reply(request: EspMessage, answer: StubAnswer): void {
    const { stubs, answered } = this.options;
    const unanswerable = request.referenceId === undefined;
    if (unanswerable) this.#log('warn', 'a request came without ReferenceId and cannot be answered');
    const message = unanswerable ? undefined : answer.message;
    if (message !== undefined) this.#socket.writeMessage(encodeMessage(message, UTF_8));
    answered({ ...answer, message, application: stubs.application.name, client: this.#socket.peer, request });
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }

  #giveUp(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #closed(problem: Error | undefined): void {
    this.#giveUp();
    if (problem !== undefined) {
      const bad = problem instanceof WireError || problem instanceof ConnectionProblem;
      this.#log(bad ? 'warn' : 'info', `connection closed: ${this.#socket.describe(problem)}`);
    }
    this.closed(this);
  }

  #log(level: 'info' | 'warn', text: string, fields: Record<string, unknown> = {}): void {
    const { stubs, logger } = this.options;
    logger[level](text, { ...fields, application: stubs.application.name, client: this.#socket.peer });
  }
}
