import type { Clock } from '../telemetry/index.js';

interface Timer {
  readonly at: number;
  readonly elapsed: () => void;
}

/**
 * A clock that only a test advances, so that deadlines pass when the test says so.
 *
 * @example
 * method.clock.advance(10_000);
 */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** In ms, from 0. */
  now(): number {
    return this.#now;
  }

  setTimeout(elapsed: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, elapsed };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** Advances by `ms`, and runs the timers that are due meanwhile, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.elapsed();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}
