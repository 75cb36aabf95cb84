import type { Timers } from '../../src/wire/index.js';

/** A manual clock, and its timers. */
export class FakeTimers implements Timers {
  #now = 1000.5;
  #timers = new Map<object, { at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + ms, run });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass; timers that are due run at their own time, in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      const [timer, { at, run }] = due;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, at);
      run();
    }
    this.#now = until;
  }
}
