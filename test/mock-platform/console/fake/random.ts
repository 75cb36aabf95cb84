/** Pseudorandom numbers, the same in each run. */
export class Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  /** From 0 to 1, exclusive. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 0x1_0000_0000;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** Mostly short, sometimes long, like real latencies. */
  latency(usualMs: number): number {
    const spread = -Math.log(1 - this.next());
    return Math.round(usualMs * (0.4 + 0.6 * spread) * 100) / 100;
  }
}
