/** Counts one thing. */
export interface LabelledCounter {
  inc(by?: number): void;
}

/** Shows how much there is of one thing now. */
export interface LabelledGauge extends LabelledCounter {
  dec(by?: number): void;
  set(value: number): void;
}

/** Counts values by size: durations in seconds, for instance. */
export interface LabelledHistogram {
  observe(value: number): void;
}

/** One line of a reading. */
export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What one set of labels has come to. */
export interface Series {
  samples(name: string, labels: Readonly<Record<string, string>>): Sample[];
}

/** A number that only grows. */
export class CounterSeries implements Series, LabelledCounter {
  #value = 0;

  /** @throws TypeError for a step down, or one that is no number */
  inc(by = 1): void {
    if (!(by >= 0 && Number.isFinite(by))) throw new TypeError(`a counter goes up, and not by ${by}`);
    this.#value += by;
  }

  samples(metricName: string, labels: Readonly<Record<string, string>>): Sample[] {
    return [{ metricName, labels, value: this.#value }];
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

  samples(metricName: string, labels: Readonly<Record<string, string>>): Sample[] {
    return [{ metricName, labels, value: this.#value }];
  }
}

/** Durations in seconds: from an answer at once to a deadline passed. */
export const DURATIONS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30,
];

/** Counts of values up to each bound, and their sum. */
export class HistogramSeries implements Series, LabelledHistogram {
  readonly #bounds: readonly number[];
  /** Of each bound alone; the last are those above all bounds. */
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

  samples(name: string, labels: Readonly<Record<string, string>>): Sample[] {
    let count = 0;
    const buckets = this.#counts.map((of, bucket) => {
      count += of;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: this.#bounds[bucket] ?? '+Inf' }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
