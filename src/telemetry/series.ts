/** Counts events. */
export interface LabelledCounter {
  inc(by?: number): void;
}

/** A value that goes up and down. */
export interface LabelledGauge extends LabelledCounter {
  dec(by?: number): void;
  set(value: number): void;
}

/** Counts values by size, for instance durations in seconds. */
export interface LabelledHistogram {
  observe(value: number): void;
}

/** The names and values of a metric's labels. */
export type Labels = Readonly<Record<string, string>>;

/** A value with its labels, as Prometheus reads it. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The values of one metric for one set of labels. */
export interface Series {
  samples(name: string, labels: Labels): Sample[];
}

/** A number that only grows. */
export class CounterSeries implements Series, LabelledCounter {
  #value = 0;

  /** @throws TypeError if `by` is negative or not a finite number */
  inc(by = 1): void {
    if (!(by >= 0 && Number.isFinite(by))) throw new TypeError(`a counter cannot be increased by ${by}`);
    this.#value += by;
  }

  samples(name: string, labels: Labels): Sample[] {
    return [{ name, labels, value: this.#value }];
  }
}

/** A number that goes up and down. */
export class GaugeSeries implements Series, LabelledGauge {
  #value = 0;

  inc(by = 1): void {
    this.#value += by;
  }

  dec(by = 1): void {
    this.#value -= by;
  }

  set(value: number): void {
    this.#value = value;
  }

  samples(name: string, labels: Labels): Sample[] {
    return [{ name, labels, value: this.#value }];
  }
}

/** Bounds in seconds, from an immediate answer to a missed deadline. */
export const DURATIONS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30,
];

/** Counts values up to each bound, and their sum. */
export class HistogramSeries implements Series, LabelledHistogram {
  readonly #bounds: readonly number[];
  /** One count per bound, not cumulative, and one for values above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  samples(name: string, labels: Labels): Sample[] {
    let value = 0;
    const buckets = this.#counts.map((count, bucket) => {
      value += count;
      const le = String(this.#bounds[bucket] ?? '+Inf');
      return { name: `${name}_bucket`, labels: { ...labels, le }, value };
    });
    return [...buckets, { name: `${name}_sum`, labels, value: this.#sum }, { name: `${name}_count`, labels, value }];
  }
}
