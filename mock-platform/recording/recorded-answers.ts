import { EspRequest, MessageId } from 'esp-host/wire';
import { Likeness } from './likeness.js';
import type { RecordedMessage } from './recorded-message.js';

/** A request that was recorded, with the answers that it got. */
export interface RecordedExchange {
  readonly request: EspRequest;
  /** Of the recording, from 1. */
  readonly line: number;
  /** Bodies, in the order in which they came. */
  readonly answers: readonly Buffer[];
}

interface Asked extends RecordedExchange {
  readonly likeness: Likeness;
  readonly answers: Buffer[];
}

/** The requests of a recording by what they ask for, each with its answers. */
export class RecordedAnswers {
  readonly #asked = new Map<string, Asked>();

  constructor(messages: readonly RecordedMessage[]) {
    /** By connection and ReferenceId: requests that wait, the first first. */
    const waiting = new Map<string, Asked[]>();
    for (const recorded of messages) {
      const { connection, direction, message, body } = recorded;
      const key = `${connection}#${message.referenceId}`;
      const before = waiting.get(key) ?? [];
      if (direction === 'toServer' && message.messageId === MessageId.Request3rdServer) {
        waiting.set(key, [...before, this.#add(recorded)]);
      } else if (direction === 'toClient') {
        before.shift()?.answers.push(body);
      }
    }
    for (const [key, { answers }] of this.#asked) if (answers.length === 0) this.#asked.delete(key);
  }

  /** Requests that were answered, those that ask for the same as one. */
  get size(): number {
    return this.#asked.size;
  }

  /** Requests that were answered, in the order in which they were first asked. */
  get all(): readonly RecordedExchange[] {
    return [...this.#asked.values()];
  }

  /** `Service.Method` of every request that was answered. */
  get methods(): string[] {
    return [...new Set([...this.#asked.values()].map(({ request }) => request.name))];
  }

  get services(): string[] {
    return [...new Set([...this.#asked.values()].map(({ request }) => request.service))];
  }

  /** The body of the next answer; the last one repeats. Undefined for a request that was not recorded. */
  next(request: EspRequest): Buffer | undefined {
    const answers = this.#asked.get(new Likeness(request.list).key)?.answers;
    return answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
  }

  /** What was recorded that is most like this, and how it differs, for people. */
  nearest(request: EspRequest): string {
    const likeness = new Likeness(request.list);
    const [best] = [...this.#asked.values()]
      .map((asked) => ({ asked, differences: likeness.differences(asked.likeness) }))
      .sort((a, b) => distance(request, a.asked, a.differences) - distance(request, b.asked, b.differences));
    if (best === undefined) return 'the recording has no request that was answered';
    const { asked, differences } = best;
    const what = differences.length === 0 ? 'the order of its entries' : differences.slice(0, 5).join('; ');
    return `the nearest is ${asked.request.name} in line ${asked.line}, which differs in ${what}`;
  }

  #add({ message, line }: RecordedMessage): Asked {
    const request = new EspRequest(message);
    const likeness = new Likeness(message.request);
    const known = this.#asked.get(likeness.key);
    if (known !== undefined) return known;
    const asked = { request, likeness, line, answers: [] };
    this.#asked.set(likeness.key, asked);
    return asked;
  }
}

/** Another method is further away than any other parameters, and another service further still. */
function distance(request: EspRequest, { request: other }: Asked, differences: readonly string[]): number {
  if (request.service !== other.service) return 2_000_000 + differences.length;
  if (request.method !== other.method) return 1_000_000 + differences.length;
  return differences.length;
}
