/** What waits for a reply, under ReferenceIds that this side gives: int32 above 0, none twice at a time. */
export class Pending<T> {
  readonly #waiting = new Map<number, T>();
  #last: number;

  constructor(first = 1) {
    this.#last = first - 1;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Keeps `item` under a new ReferenceId. */
  add(item: T): number {
    do {
      this.#last = this.#last >= 0x7fffffff ? 1 : this.#last + 1;
    } while (this.#waiting.has(this.#last));
    this.#waiting.set(this.#last, item);
    return this.#last;
  }

  /** What waited under this ReferenceId, which no longer does. */
  take(referenceId: number): T | undefined {
    const item = this.#waiting.get(referenceId);
    this.#waiting.delete(referenceId);
    return item;
  }

  /** All that waited. */
  takeAll(): T[] {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    return all;
  }
}
