import { type Clock, inTime, realClock } from '../telemetry/index.js';
import { TimeoutError } from './errors.js';

/** An item of `Deadlines`, linked to its neighbours. */
export interface Deadlined {
  deadlineAt: number;
  next: Deadlined | undefined;
  previous: Deadlined | undefined;
  expire(): void;
}

/**
 * Deadlines of any number of requests with a single timer: all have the same time, so they expire in the order in which
 * they were added. Adding and removing take constant time.
 */
export class Deadlines {
  #first: Deadlined | undefined;
  #last: Deadlined | undefined;
  #timer: unknown;

  constructor(
    readonly deadlineMs: number,
    private readonly clock: Clock = realClock,
  ) {}

  add(item: Deadlined): void {
    item.deadlineAt = this.clock.now() + this.deadlineMs;
    item.previous = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#timer ??= this.#arm(this.deadlineMs);
  }

  remove(item: Deadlined): void {
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    // If a handler keeps the item forever, it must not keep those after it.
    item.next = undefined;
    item.previous = undefined;
  }

  stop(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): unknown {
    return this.clock.setTimeout(() => this.#elapsed(), Math.max(1, Math.ceil(ms)));
  }

  /** Keeps `#timer` set until the end, so that an item added meanwhile does not start a second timer. */
  #elapsed(): void {
    const now = this.clock.now();
    while (this.#first !== undefined && this.#first.deadlineAt <= now) {
      const item = this.#first;
      this.remove(item);
      item.expire();
    }
    if (this.#timer === undefined) return;
    this.#timer = this.#first === undefined ? undefined : this.#arm(this.#first.deadlineAt - now);
  }
}

/**
 * The result of `work`, if it comes within `ms`. The work continues after a timeout: nothing can stop a promise.
 * @param ms no limit if undefined
 * @throws TimeoutError, or what `work` throws
 */
export async function withTimeout<T>(
  work: T | PromiseLike<T>,
  ms: number | undefined,
  clock: Clock = realClock,
): Promise<T> {
  return ms === undefined ? work : inTime(work, ms, () => new TimeoutError(ms), clock);
}
