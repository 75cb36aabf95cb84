import type { Logger } from 'esp-host';
import {
  type Charset,
  decodeBody,
  type EspMessage,
  EspRequest,
  type EspServerConnection,
  type EspSocket,
  encodeMessage,
  faults,
  faultTo,
  type ListLimits,
  MessageId,
  messageName,
} from '#wire';
import type { StubAnswer, StubSet } from './stub-set.js';

/** A request and its answer, after the answer was sent or turned out to be missing. */
export interface StubExchange extends StubAnswer {
  /** The AppName of the server. */
  readonly application: string;
  /** The client's address, such as `127.0.0.1:50123`. */
  readonly client: string;
  readonly request: EspMessage;
}

export interface StubConnectionOptions {
  readonly stubs: StubSet;
  readonly logger: Logger;
  readonly answered: (exchange: StubExchange) => void;
  readonly charset: Charset;
  readonly lists: ListLimits;
  /** The delayed answers of all connections. */
  readonly delayed: { count: number; readonly max: number };
}

/** One client of a stub server. Delayed answers do not delay others. */
export class StubConnection implements EspServerConnection {
  /** Timers of the delayed answers. */
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly socket: EspSocket,
    private readonly options: StubConnectionOptions,
  ) {}

  body(bytes: Buffer, start: number, end: number): void {
    const { stubs, charset, lists, delayed } = this.options;
    const message = decodeBody(bytes, start, end, charset, lists);
    if (message.messageId !== MessageId.Request3rdServer) {
      this.#warn(`${stubs.application.name} ignored ${messageName(message.messageId)}: not a request`);
      return;
    }
    const request = new EspRequest(message);
    const answer = stubs.answer(request);
    if (answer.unmatched !== undefined) {
      this.#warn(answer.unmatched, { request: request.name, referenceId: message.referenceId });
    }
    if (answer.delayMs === 0) this.#reply(message, answer);
    else if (delayed.count >= delayed.max) this.#refuse(request, message, answer);
    else this.#later(answer.delayMs, () => this.#reply(message, answer));
  }

  /** Answers as an overloaded server does. */
  #refuse(request: EspRequest, message: EspMessage, answer: StubAnswer): void {
    const { stubs, delayed } = this.options;
    const { name, type } = stubs.application;
    this.#warn(`${delayed.max} answers are delayed: a request is refused`, { request: request.name });
    this.#reply(message, { ...answer, message: faultTo(request, type, faults.overloaded(name, request.name)) });
  }

  #reply(request: EspMessage, answer: StubAnswer): void {
    const { stubs, answered } = this.options;
    const hasNoReferenceId = request.referenceId === undefined;
    if (hasNoReferenceId) this.#warn('a request has no ReferenceId and cannot be answered');
    const message = hasNoReferenceId ? undefined : answer.message;
    if (message !== undefined) this.socket.writeMessage(encodeMessage(message, this.options.charset));
    answered({ ...answer, message, application: stubs.application.name, client: this.socket.peer, request });
  }

  #later(delayMs: number, run: () => void): void {
    const { delayed } = this.options;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      delayed.count--;
      run();
    }, delayMs);
    this.#timers.add(timer);
    delayed.count++;
  }

  /** Drops the delayed answers. */
  closing(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.options.delayed.count -= this.#timers.size;
    this.#timers.clear();
  }

  closed(): void {
    this.closing();
  }

  #warn(text: string, fields: Record<string, unknown> = {}): void {
    const { stubs, logger } = this.options;
    logger.warn(text, { ...fields, application: stubs.application.name, client: this.socket.peer });
  }
}
