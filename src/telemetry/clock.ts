/** Time and timers, in ms. */
export interface Clock {
  now(): number;
  setTimeout(elapsed: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clock of the machine. */
export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (elapsed, ms) => setTimeout(elapsed, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};
