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

/**
 * The result of `work`, if it comes within `ms`. The work continues after a timeout: nothing can stop a promise.
 * @param late makes the error for a timeout
 * @throws that error, or what `work` throws
 */
export async function inTime<T>(
  work: T | PromiseLike<T>,
  ms: number,
  late: () => Error,
  clock: Clock = realClock,
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => reject(late()), ms);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clock.clearTimeout(timer);
  }
}
