import { EspRequest, MessageId } from '#wire';
import { Likeness } from './likeness.js';
import type { RecordedMessage } from './recorded-message.js';

/** A recorded request with its answers. */
export interface RecordedExchange {
  readonly request: EspRequest;
  /** Line in the recording, from 1. */
  readonly line: number;
  /** Bodies in the order of arrival. */
  readonly answers: readonly Buffer[];
}

interface IndexedExchange extends RecordedExchange {
  readonly likeness: Likeness;
  readonly answers: Buffer[];
}

/** The answers of a recording, by the content of their requests. */
export class RecordedAnswers {
  readonly #exchanges = new Map<string, IndexedExchange>();

  constructor(messages: readonly RecordedMessage[]) {
    /** Unanswered requests by connection and ReferenceId, oldest first. */
    const pending = new Map<string, IndexedExchange[]>();
    for (const recorded of messages) {
      const { connection, direction, message, body } = recorded;
      const key = `${connection}#${message.referenceId}`;
      const earlier = pending.get(key) ?? [];
      if (direction === 'toServer' && message.messageId === MessageId.Request3rdServer) {
        pending.set(key, [...earlier, this.#add(recorded)]);
      } else if (direction === 'toClient') {
        earlier.shift()?.answers.push(body);
      }
    }
    for (const [key, { answers }] of this.#exchanges) if (answers.length === 0) this.#exchanges.delete(key);
  }

  /** Number of answered requests; requests with the same content count once. */
  get size(): number {
    return this.#exchanges.size;
  }

  /** Answered requests in the order of their first occurrence. */
  get all(): readonly RecordedExchange[] {
    return [...this.#exchanges.values()];
  }

  /** `Service.Method` of every answered request. */
  get methods(): string[] {
    return [...new Set([...this.#exchanges.values()].map(({ request }) => request.name))];
  }

  get services(): string[] {
    return [...new Set([...this.#exchanges.values()].map(({ request }) => request.service))];
  }

  /** The body of the next answer; the last one repeats. Undefined if the request was not recorded. */
  next(request: EspRequest): Buffer | undefined {
    const answers = this.#exchanges.get(new Likeness(request.list).key)?.answers;
    return answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
  }

  /** Describes the most similar recorded request and how it differs. */
  nearest(request: EspRequest): string {
    const likeness = new Likeness(request.list);
    const [best] = [...this.#exchanges.values()]
      .map((exchange) => ({ exchange, differences: likeness.differences(exchange.likeness) }))
      .sort((a, b) => distance(request, a.exchange, a.differences) - distance(request, b.exchange, b.differences));
    if (best === undefined) return 'the recording has no answered request';
    const { exchange, differences } = best;
    const what = differences.length === 0 ? 'the order of its entries' : differences.slice(0, 5).join('; ');
    return `the nearest is ${exchange.request.name} in line ${exchange.line}, which differs in ${what}`;
  }

  #add({ message, line }: RecordedMessage): IndexedExchange {
    const request = new EspRequest(message);
    const likeness = new Likeness(message.request);
    const known = this.#exchanges.get(likeness.key);
    if (known !== undefined) return known;
    const exchange = { request, likeness, line, answers: [] };
    this.#exchanges.set(likeness.key, exchange);
    return exchange;
  }
}

/** A different method outweighs any parameters, and a different service outweighs both. */
function distance(request: EspRequest, { request: other }: IndexedExchange, differences: readonly string[]): number {
  if (request.service !== other.service) return 2_000_000 + differences.length;
  if (request.method !== other.method) return 1_000_000 + differences.length;
  return differences.length;
}
