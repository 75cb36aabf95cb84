import { createHistogram } from 'node:perf_hooks';
import type { JournalChange, JournalEntry } from '../journal/index.js';

/** What ended within `bucketMs` from `at` on. */
export interface Bucket {
  /** In ms since 1970. */
  readonly at: number;
  readonly count: number;
  readonly responses: number;
  readonly faults: number;
  /** The connection ended before the answer came. */
  readonly lost: number;
  /** No answer was due. */
  readonly none: number;
  /** From request to answer; null where nothing was answered. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

/** Durations are kept in microseconds, up to an hour, to one in a hundred. */
const DURATIONS = { lowest: 1, highest: 3_600_000_000, figures: 2 };

const BUCKET_MS = 5000;
const BUCKETS = (15 * 60_000) / BUCKET_MS;

/** The exchanges that ended in the last 15 minutes, counted as they end. */
export class Charts {
  readonly bucketMs = BUCKET_MS;
  /** By their number since 1970, oldest first. */
  readonly #counts = new Map<number, Counts>();
  #counted = new WeakSet<JournalEntry>();

  constructor(private readonly now: () => number = Date.now) {}

  /** For `Journal.subscribe`. */
  readonly take = (change: JournalChange): void => {
    if (change.kind === 'cleared' || change.entry.outcome === 'pending' || this.#counted.has(change.entry)) return;
    this.#counted.add(change.entry);
    this.#current().add(change.entry);
  };

  /** Oldest first; those in which nothing ended, too. The last one is not over. */
  buckets(): Bucket[] {
    const last = this.#number();
    return Array.from({ length: BUCKETS }, (_, index) => {
      const number = last - BUCKETS + 1 + index;
      return (this.#counts.get(number) ?? NOTHING).bucket(number * BUCKET_MS);
    });
  }

  clear(): void {
    this.#counts.clear();
  }

  #number(): number {
    return Math.floor(this.now() / BUCKET_MS);
  }

  #current(): Counts {
    const number = this.#number();
    const known = this.#counts.get(number);
    if (known !== undefined) return known;
    const made = new Counts();
    this.#counts.set(number, made);
    for (const old of this.#counts.keys()) if (old <= number - BUCKETS) this.#counts.delete(old);
    return made;
  }
}

class Counts {
  readonly #outcomes = { response: 0, fault: 0, lost: 0, none: 0, pending: 0 };
  readonly #durations = createHistogram(DURATIONS);
  #maxMs: number | null = null;

  add({ outcome, durationMs }: JournalEntry): void {
    this.#outcomes[outcome]++;
    if (durationMs === undefined) return;
    this.#maxMs = Math.max(this.#maxMs ?? 0, durationMs);
    const us = Math.round(durationMs * 1000);
    this.#durations.record(Math.min(DURATIONS.highest, Math.max(DURATIONS.lowest, us)));
  }

  bucket(at: number): Bucket {
    const { response: responses, fault: faults, lost, none } = this.#outcomes;
    return {
      at,
      count: responses + faults + lost + none,
      responses,
      faults,
      lost,
      none,
      p50Ms: this.#msWithin(0.5),
      p95Ms: this.#msWithin(0.95),
      maxMs: this.#maxMs,
    };
  }

  /**
   * The duration that `share` of all do not exceed. Node rounds the rank to the nearest, so it gets one that is whole; its
   * maximum is right to one in a hundred only.
   */
  #msWithin(share: number): number | null {
    if (this.#maxMs === null) return null;
    const { count } = this.#durations;
    const percentile = (100 * Math.ceil(share * count)) / count;
    return Math.min(this.#maxMs, this.#durations.percentile(percentile) / 1000);
  }
}

const NOTHING = new Counts();
