import { LRUCache } from 'lru-cache';

/** Messages to one customer at once; each counts for 6 s. */
const BURST = 45;
export const INTERVAL_MS = 6000;
const DAY_MS = 24 * 3_600_000;

/** Counts the messages to each customer: they fill a bucket that empties at a steady rate. */
export class PairLimit {
  readonly #buckets = new LRUCache<string, { level: number; at: number }>({ max: 10_000 });

  constructor(private readonly now: () => number) {}

  /** Returns false if the message exceeds the limit. Such messages are not counted. */
  take(customer: string): boolean {
    const now = this.now();
    const { level, at } = this.#buckets.get(customer) ?? { level: 0, at: now };
    const left = Math.max(0, level - (now - at) / INTERVAL_MS);
    const isAllowed = left + 1 <= BURST;
    this.#buckets.set(customer, { level: isAllowed ? left + 1 : left, at: now });
    return isAllowed;
  }

  clear(): void {
    this.#buckets.clear();
  }
}

/** Counts the different customers of any 24 hours. */
export class UserLimit {
  readonly #lastAt = new Map<string, number>();

  constructor(
    /** Undefined: no limit. */
    private readonly perDay: number | undefined,
    private readonly now: () => number,
  ) {}

  /**
   * Returns false if the customer exceeds the limit. Such customers are not counted, and neither are those that wrote within
   * 24 hours.
   */
  take(customer: string, wroteAt: number | undefined): boolean {
    const now = this.now();
    if (this.perDay === undefined || (wroteAt !== undefined && now - wroteAt < DAY_MS)) return true;
    for (const [one, at] of this.#lastAt) if (now - at >= DAY_MS) this.#lastAt.delete(one);
    if (!this.#lastAt.has(customer) && this.#lastAt.size >= this.perDay) return false;
    this.#lastAt.set(customer, now);
    return true;
  }

  clear(): void {
    this.#lastAt.clear();
  }
}
