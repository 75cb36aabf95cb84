/** Buckets between a power of two and the next: a latency is known to within one in 128. */
const STEPS = 128;
const STEP_BITS = 7;

/** Latencies of a minute and a half and above count as that, in microseconds. */
const LONGEST_US = 2 ** 27 - 1;
const BUCKETS = (27 - STEP_BITS + 1) * STEPS;

/** How long requests took, in microseconds: as many as come, in little memory. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #longest = 0;

  record(us: number): void {
    const whole = Math.min(LONGEST_US, Math.max(0, Math.round(us)));
    const bucket = bucketOf(whole);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count++;
    this.#sum += us;
    if (whole > this.#longest) this.#longest = whole;
  }

  get count(): number {
    return this.#count;
  }

  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get longestUs(): number {
    return this.#longest;
  }

  /** The latency within which this share (0 to 1) of all requests was answered; 0 where there are none. */
  percentileUs(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let bucket = 0; bucket < BUCKETS && left > 0; bucket++) {
      left -= this.#counts[bucket] as number;
      if (left <= 0) return Math.min(this.#longest, longestOf(bucket));
    }
    return 0;
  }

  /** How many took at most this long, to the precision of a bucket. */
  countUpTo(us: number): number {
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS && longestOf(bucket) <= us; bucket++) count += this.#counts[bucket] as number;
    return count;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#longest = 0;
  }
}

/** One bucket a microsecond below STEPS; then STEPS buckets from each power of two to the next. */
function bucketOf(us: number): number {
  if (us < STEPS) return us;
  const above = 31 - Math.clz32(us) - STEP_BITS;
  return (above + 1) * STEPS + ((us >>> above) - STEPS);
}

/** The longest latency of a bucket. */
function longestOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const above = Math.floor(bucket / STEPS) - 1;
  return (((bucket % STEPS) + STEPS + 1) << above) - 1;
}
