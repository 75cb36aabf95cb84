import { type Clock, realClock } from '../telemetry/index.js';

/** What did not end in its time; the text says how long that was. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** What `work` gives, unless it takes longer than `ms`. @throws TooLate, or what `work` throws */
export async function within<T>(ms: number | undefined, work: T | Promise<T>, clock: Clock = realClock): Promise<T> {
  if (ms === undefined) return work;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => reject(new TooLate(`it was not done within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clock.clearTimeout(timer);
  }
}
