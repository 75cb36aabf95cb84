/** Bounds of the durations that are told apart, in ms. */
const LEAST_MS = 0.01;
const MOST_MS = 1_000_000;

/** Each bin is 2 % wider than the one below it: percentiles are right to about 1 %. */
const STEP = Math.log(1.02);
const BINS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / STEP) + 1;

/** Durations of any number in a fixed space: how many there were of each length. */
export class Histogram {
  readonly #bins = new Uint32Array(BINS);
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.round(Math.log(ms / LEAST_MS) / STEP)));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** Exactly; null where there were none. */
  get maxMs(): number | null {
    return this.#count === 0 ? null : this.#maxMs;
  }

  /** The duration that `share` (0 to 1) of all do not go over; null where there were none. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null;
    let left = Math.max(1, Math.ceil(share * this.#count));
    const bin = this.#bins.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return Math.min(this.#maxMs, LEAST_MS * Math.exp(bin * STEP));
  }
}
