/** Buckets from one power of two to the next: the error of a latency is below one in 128. */
const STEPS = 128;
const STEP_BITS = 7;

/** Longer latencies, above about two minutes, count as this, in microseconds. */
const LONGEST_US = 2 ** 27 - 1;
const BUCKETS = (27 - STEP_BITS + 1) * STEPS;

/** A histogram of latencies in microseconds. Its size is constant. */
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
    this.#longest = Math.max(this.#longest, whole);
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

  /** The latency below which this share (0 to 1) of all requests was; 0 if there are none. */
  percentileUs(share: number): number {
    let bucket = 0;
    let left = Math.ceil(this.#count * share) - (this.#counts[bucket] as number);
    while (left > 0) left -= this.#counts[++bucket] as number;
    return Math.min(this.#longest, longestOf(bucket));
  }

  /** The number of latencies up to this one, to the precision of a bucket. */
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

/** One bucket per microsecond below STEPS, then STEPS buckets from each power of two to the next. */
function bucketOf(us: number): number {
  if (us < STEPS) return us;
  const above = 31 - Math.clz32(us) - STEP_BITS;
  return (above + 1) * STEPS + ((us >>> above) - STEPS);
}

/** The longest latency in a bucket. */
function longestOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const above = Math.floor(bucket / STEPS) - 1;
  return (((bucket % STEPS) + STEPS + 1) << above) - 1;
}

/** The results of a load so far. */
export class LoadTotals {
  /** Requests with a response. */
  responses = 0;
  /** Requests with a fault, by FaultCode. */
  readonly faults = new Map<string, number>();
  /** Requests that timed out. */
  timeouts = 0;
  /** Requests that were in flight when their connection closed. */
  lost = 0;
  /** Replies that match no pending request: late ones, or a second reply to a request. */
  unmatched = 0;
  /** Connections that closed or could not be opened, by reason. */
  readonly connectionErrors = new Map<string, number>();
  /** Latencies of the requests with a reply. */
  readonly latencies = new Latencies();

  get answered(): number {
    return this.latencies.count;
  }

  get faulted(): number {
    return this.answered - this.responses;
  }

  get unanswered(): number {
    return this.timeouts + this.lost;
  }

  /** Resets all counts, for example after a warm-up. */
  clear(): void {
    this.responses = 0;
    this.timeouts = 0;
    this.lost = 0;
    this.unmatched = 0;
    this.faults.clear();
    this.connectionErrors.clear();
    this.latencies.clear();
  }
}

export function countOne(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
