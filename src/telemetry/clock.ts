/** What tells the time, in ms, and keeps timers. */
export interface Clock {
  now(): number;
  setTimeout(elapsed: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The machine's. */
export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (elapsed, ms) => setTimeout(elapsed, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};
