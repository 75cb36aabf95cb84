import type { Summary } from '../api/types.js';

/** The console keeps this many of the newest entries. */
export const MOST_ENTRIES = 10_000;

/** Merges `changes` into `entries` (newest first): replaces known entries and adds new ones. */
export function withChanges(
  entries: readonly Summary[],
  changes: readonly Summary[],
  most = MOST_ENTRIES,
): readonly Summary[] {
  if (changes.length === 0) return entries;
  const changed = new Map(changes.map((entry) => [entry.id, entry]));
  const kept = entries.map((entry) => {
    const change = changed.get(entry.id);
    if (change !== undefined) changed.delete(entry.id);
    return change ?? entry;
  });
  const added = [...changed.values()].sort((a, b) => b.id - a.id);
  const inOrder = (added.at(-1)?.id ?? Number.POSITIVE_INFINITY) > (kept[0]?.id ?? -1);
  const all = inOrder ? [...added, ...kept] : [...added, ...kept].sort((a, b) => b.id - a.id);
  return all.length > most ? all.slice(0, most) : all;
}

/** Merges an older page into `entries`, whose versions are newer. */
export function withPage(
  entries: readonly Summary[],
  page: readonly Summary[],
  most = MOST_ENTRIES,
): readonly Summary[] {
  const known = new Set(entries.map(({ id }) => id));
  return withChanges(
    entries,
    page.filter(({ id }) => !known.has(id)),
    most,
  );
}

/** The index of entry `id` in `entries` (newest first); -1: none. */
export function indexOfId(entries: readonly Summary[], id: number | undefined): number {
  if (id === undefined) return -1;
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.id ?? 0) > id) low = middle + 1;
    else high = middle;
  }
  return entries[low]?.id === id ? low : -1;
}

/** How many entries of `after` were added above the first of `before`. */
export function addedOnTop(before: readonly Summary[], after: readonly Summary[]): number {
  const [first] = before;
  return first === undefined ? 0 : Math.max(0, indexOfId(after, first.id));
}

/** The line below the list. */
export interface Figures {
  readonly requests: number;
  readonly faults: number;
  readonly lost: number;
  /** In milliseconds; undefined without answers. */
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

/** The nearest entry with a problem after (1) or before (-1) an index of the list; -1 is before the first. */
export function failedFrom(entries: readonly Summary[], at: number, by: -1 | 1): Summary | undefined {
  const failed = ({ outcome }: Summary): boolean => outcome !== 'response' && outcome !== 'pending';
  return by === 1 ? entries.slice(at + 1).find(failed) : entries.slice(0, Math.max(0, at)).findLast(failed);
}
