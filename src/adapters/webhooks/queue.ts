/** Below this number of items it is not worth moving them. */
const COMPACTED = 1024;

/** First in, first out. Unlike that of an array, its `shift` takes the same time for any length. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** The items from the first one on, as long as they match. */
  firstWhile(matches: (item: T) => boolean): T[] {
    const found: T[] = [];
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at];
      if (item === undefined || !matches(item)) break;
      found.push(item);
    }
    return found;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const { first } = this;
    if (this.length === 0) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.length === 0 || (this.#head > COMPACTED && 2 * this.#head > this.#items.length)) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}
