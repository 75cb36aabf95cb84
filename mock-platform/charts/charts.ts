import type { JournalChange, JournalEntry } from '../journal/index.js';
import { Histogram } from './histogram.js';

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
  readonly #durations = new Histogram();

  add({ outcome, durationMs }: JournalEntry): void {
    this.#outcomes[outcome]++;
    if (durationMs !== undefined) this.#durations.add(durationMs);
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
      p50Ms: this.#durations.percentile(0.5),
      p95Ms: this.#durations.percentile(0.95),
      maxMs: this.#durations.maxMs,
    };
  }
}

const NOTHING = new Counts();
