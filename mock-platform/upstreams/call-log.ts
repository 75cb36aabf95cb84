import type { MockCall } from 'esp-host';
import { LRUCache } from 'lru-cache';

/** A call in progress, which is updated until it is answered. */
export type RecordedCall = { -readonly [Key in keyof MockCall]: MockCall[Key] };

const CALLS = 1000;
const PATHS = 1000;

/** The last 1,000 calls, and the number of calls of each path. */
export class CallLog {
  #calls: RecordedCall[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #counts = new LRUCache<string, number>({ max: PATHS });

  /** Keeps `call` by reference: later changes are visible. @internal */
  record(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > CALLS) this.#calls.shift();
    this.#counts.set(call.path, this.count(call.path) + 1);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` on each call. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. */
  list(): readonly MockCall[] {
    return [...this.#calls];
  }

  /** The number of calls of `path` since the start or the last clear(), including those no longer listed. */
  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }

  clear(): void {
    this.#calls = [];
    this.#counts.clear();
  }
}
