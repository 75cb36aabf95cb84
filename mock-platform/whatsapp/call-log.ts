import { BoundedMap } from './bounded-map.js';

/** A call that reached the client. Never has a token, a password or a key. */
export interface RecordedCall {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What a call of the contacts endpoint asked for: the first 100. */
  contacts?: readonly string[];
  /** Of the answer; `reset` and `hang` where none was given; undefined while it is still to come. */
  status?: number | 'reset' | 'hang';
}

/** The last 1,000 calls, and how many there were of each path. */
export class CallLog {
  #calls: RecordedCall[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #counts = new BoundedMap<string, number>(1000);

  /** Keeps `call`; what is set on it later shows. */
  record(call: RecordedCall): void {
    this.#calls.push(call);
    if (this.#calls.length > 1000) this.#calls.shift();
    this.#counts.set(call.path, this.count(call.path) + 1);
    for (const listener of this.#listeners) listener();
  }

  /** Tells of each call. @returns what ends that */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Oldest first. */
  list(): readonly Readonly<RecordedCall>[] {
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
