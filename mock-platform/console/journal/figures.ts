import type { Summary } from '../api/types.js';

/** What the line under the list says. */
export interface Figures {
  readonly requests: number;
  readonly faults: number;
  readonly lost: number;
  /** Milliseconds; undefined where nothing was answered. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

export function figuresOf(entries: readonly Summary[]): Figures {
  const durations = new Float64Array(entries.length);
  let [answered, faults, lost] = [0, 0, 0];
  for (const { durationMs, outcome } of entries) {
    if (outcome === 'fault') faults++;
    if (outcome === 'lost') lost++;
    if (durationMs !== null) durations[answered++] = durationMs;
  }
  const sorted = durations.subarray(0, answered).sort();
  return { requests: entries.length, faults, lost, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
}

/** The nearest rank. */
const percentile = (sorted: Float64Array, part: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
