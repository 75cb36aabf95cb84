import { createHistogram } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import type { JournalChange, JournalEntry } from '../journal/index.js';

/** Counts the exchanges that ended within `bucketMs` of `at`. */
export interface Bucket {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
  readonly responses: number;
  readonly faults: number;
  /** The connection was lost before the reply arrived. */
  readonly lost: number;
  /** The request required no reply. */
  readonly none: number;
  /** From request to reply; null if nothing was answered. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

/** Durations are in microseconds, up to an hour, with a precision of 1%. */
const DURATIONS = { lowest: 1, highest: 3_600_000_000, figures: 2 };

const BUCKET_MS = 5000;
const BUCKETS = (15 * 60_000) / BUCKET_MS;

/** Statistics of the exchanges of the last 15 minutes. */
export class Charts {
  readonly bucketMs = BUCKET_MS;
  /** By bucket number since 1970. */
  readonly #counts = new LRUCache<number, Counts>({ max: BUCKETS });
  #counted = new WeakSet<JournalEntry>();

  constructor(private readonly now: () => number = Date.now) {}

  /** A listener for `Journal.subscribe`. */
  readonly take = (change: JournalChange): void => {
    if (change.kind === 'cleared' || change.entry.outcome === 'pending' || this.#counted.has(change.entry)) return;
    this.#counted.add(change.entry);
    this.#current().add(change.entry);
  };

  /** Oldest first, including empty ones. The last bucket is still being filled. */
  buckets(): Bucket[] {
    const last = this.#number();
    return Array.from({ length: BUCKETS }, (_, index) => {
      const number = last - BUCKETS + 1 + index;
      return (this.#counts.peek(number) ?? EMPTY).bucket(number * BUCKET_MS);
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
    const existing = this.#counts.get(number);
    if (existing !== undefined) return existing;
    const created = new Counts();
    this.#counts.set(number, created);
    return created;
  }
}

class Counts {
  readonly #outcomes: { [outcome in JournalEntry['outcome']]?: number } = {};
  readonly #durations = createHistogram(DURATIONS);
  #maxMs: number | null = null;

  add({ outcome, durationMs }: JournalEntry): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (durationMs === undefined) return;
    this.#maxMs = Math.max(this.#maxMs ?? 0, durationMs);
    const us = Math.round(durationMs * 1000);
    this.#durations.record(Math.min(DURATIONS.highest, Math.max(DURATIONS.lowest, us)));
  }

  bucket(at: number): Bucket {
    const { response: responses = 0, fault: faults = 0, lost = 0, none = 0 } = this.#outcomes;
    return {
      at,
      count: responses + faults + lost + none,
      responses,
      faults,
      lost,
      none,
      p50Ms: this.#percentileMs(0.5),
      p95Ms: this.#percentileMs(0.95),
      maxMs: this.#maxMs,
    };
  }

  /**
   * The duration that `share` of the exchanges do not exceed. Node rounds the rank to the nearest integer, so pass an
   * exact one. The histogram is precise to 1% only, so cap the result.
   */
  #percentileMs(share: number): number | null {
    if (this.#maxMs === null) return null;
    const { count } = this.#durations;
    const percentile = (100 * Math.ceil(share * count)) / count;
    return Math.min(this.#maxMs, this.#durations.percentile(percentile) / 1000);
  }
}

const EMPTY = new Counts();
