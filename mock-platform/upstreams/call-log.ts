import type { MockCall } from 'esp-host';
import { LRUCache } from 'lru-cache';

/** A call that is being answered. */
export type RecordedCall = { -readonly [Key in keyof MockCall]: MockCall[Key] };

const CALLS = 1000;
const PATHS = 1000;

/** The last 1,000 calls, and how many there were of each path. */
export class CallLog {
  #calls: RecordedCall[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #counts = new LRUCache<string, number>({ max: PATHS });

  /** Keeps `call`; what is set on it later shows. */
  record(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > CALLS) this.#calls.shift();
    this.#counts.set(call.path, this.count(call.path) + 1);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` at each call. @returns what ends that */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. */
  list(): readonly MockCall[] {
    return [...this.#calls];
  }

  /** How many calls of `path` there were since the start or the last clear(), the forgotten ones too. */
  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }

  clear(): void {
    this.#calls = [];
    this.#counts.clear();
  }
}
