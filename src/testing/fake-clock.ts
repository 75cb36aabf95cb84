import type { Clock } from '../telemetry/index.js';

interface Timer {
  readonly at: number;
  readonly elapsed: () => void;
}

/** A clock that stands still until a test moves it: deadlines pass when the test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

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

  /** Lets `ms` pass, with everything that is due on the way, in its order. */
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
