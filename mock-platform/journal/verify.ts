import type { Expected } from './filter.js';
import type { Journal } from './journal.js';

/** How often there must have been such an exchange; without any of these, at least once. */
export interface Times {
  readonly times?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verification {
  readonly count: number;
  /** Whether that is as often as asked for. */
  readonly ok: boolean;
  /** The exchanges, newest first. */
  readonly entries: number[];
}

/** Whether there were as many exchanges like this as there should have been. @throws PatternError */
export function verify(journal: Journal, { times, atLeast, atMost, ...expected }: Expected & Times): Verification {
  const entries = journal.find({ ...expected, limit: Number.POSITIVE_INFINITY }).map(({ id }) => id);
  const count = entries.length;
  const least = times ?? atLeast ?? (atMost === undefined ? 1 : 0);
  const most = times ?? atMost ?? Number.POSITIVE_INFINITY;
  const ok = count >= Math.max(least, atLeast ?? 0) && count <= Math.min(most, atMost ?? most);
  return { count, ok, entries };
}
