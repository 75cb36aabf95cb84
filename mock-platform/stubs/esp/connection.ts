import type { Logger } from 'esp-host';
import {
  charset,
  decodeBody,
  type EspMessage,
  EspRequest,
  type EspServerConnection,
  type EspSocket,
  encodeMessage,
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
}

const UTF_8 = charset();

/** One client of a stub server. Delayed answers do not delay others. */
export class StubConnection implements EspServerConnection {
  /** Timers of the delayed answers. */
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly socket: EspSocket,
    private readonly options: StubConnectionOptions,
  ) {}

  body(bytes: Buffer, start: number, end: number): void {
    const { stubs } = this.options;
    const message = decodeBody(bytes, start, end, UTF_8);
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
    else this.#later(answer.delayMs, () => this.#reply(message, answer));
  }

  #reply(request: EspMessage, answer: StubAnswer): void {
    const { stubs, answered } = this.options;
    const hasNoReferenceId = request.referenceId === undefined;
    if (hasNoReferenceId) this.#warn('a request has no ReferenceId and cannot be answered');
    const message = hasNoReferenceId ? undefined : answer.message;
    if (message !== undefined) this.socket.writeMessage(encodeMessage(message, UTF_8));
    answered({ ...answer, message, application: stubs.application.name, client: this.socket.peer, request });
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Drops the delayed answers. */
  closing(): void {
    for (const timer of this.#timers) clearTimeout(timer);
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
