import type { Sample, Series } from './series.js';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export type Labels = Readonly<Record<string, string>>;

interface Kept<S extends Series> {
  readonly labels: Labels;
  readonly series: S;
  /** Who asked for it and has not let go of it. */
  users: number;
}

/**
 * A metric with a series for each set of labels, in the form that prom-client's registry reads. prom-client's own
 * metrics look the series up by its labels at every count; here who counts keeps the series.
 */
export class Family<S extends Series = Series> {
  readonly aggregator = 'sum';
  readonly #kept = new Map<string, Kept<S>>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly type: MetricType,
    readonly labelNames: readonly string[],
    private readonly make: () => S,
  ) {
    if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new TypeError(`${name} is no name for a metric`);
    const wrong = labelNames.find((label) => !/^[a-z_][a-z0-9_]*$/i.test(label));
    if (wrong !== undefined) throw new TypeError(`metric ${name}: ${wrong} is no name for a label`);
  }

  /** The series of these labels, which shows from now on. @throws TypeError for labels of other names */
  series(labels: Labels): S {
    const key = this.#key(labels);
    const kept = this.#kept.get(key) ?? { labels: { ...labels }, series: this.make(), users: 0 };
    this.#kept.set(key, kept);
    kept.users++;
    return kept.series;
  }

  /** One of those who asked for it needs it no longer; when nobody does, it does not show any more. */
  release(labels: Labels): void {
    const key = this.#key(labels);
    const kept = this.#kept.get(key);
    if (kept !== undefined && --kept.users === 0) this.#kept.delete(key);
  }

  /** What prom-client asks a metric for. */
  async get(): Promise<{ name: string; help: string; type: MetricType; aggregator: string; values: Sample[] }> {
    const values = [...this.#kept.values()].flatMap(({ labels, series }) => series.samples(this.name, labels));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }

  #key(labels: Labels): string {
    const values = this.labelNames.map((name) => labels[name]);
    if (Object.keys(labels).length !== this.labelNames.length || values.includes(undefined)) {
      const has = Object.keys(labels).join(', ') || 'none';
      throw new TypeError(`metric ${this.name} has the labels ${this.labelNames.join(', ') || 'none'}, not ${has}`);
    }
    return JSON.stringify(values);
  }
}
