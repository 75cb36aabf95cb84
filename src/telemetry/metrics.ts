import { type Metric, Registry } from 'prom-client';
import { Family, type Labels, type MetricType } from './family.js';
import {
  CounterSeries,
  DURATIONS,
  GaugeSeries,
  HistogramSeries,
  type LabelledCounter,
  type LabelledGauge,
  type LabelledHistogram,
  type Series,
} from './series.js';

/**
 * The host's metrics, in Prometheus' text format. A series is made once and found again by name and labels; who counts
 * often takes it once and keeps it: counting is then no more than an addition. `help` says what is counted.
 */
export class Metrics {
  readonly #registry: Registry;
  readonly #collectors: Set<() => void>;
  readonly #releases: (() => void)[] = [];

  constructor(shared?: Metrics) {
    this.#registry = shared === undefined ? new Registry() : shared.#registry;
    this.#collectors = shared === undefined ? new Set() : shared.#collectors;
  }

  /** Only grows; its name ends in `_total`. */
  counter(name: string, help: string, labels: Labels = {}): LabelledCounter {
    return this.#family(name, help, 'counter', labels, () => new CounterSeries()).series(labels);
  }

  /** Goes up and down. */
  gauge(name: string, help: string, labels: Labels = {}): LabelledGauge {
    const family = this.#family(name, help, 'gauge', labels, () => new GaugeSeries());
    this.#releases.push(() => family.release(labels));
    return family.series(labels);
  }

  /** Counts values up to each of `bounds`, which are those of durations in seconds unless given. */
  histogram(name: string, help: string, labels: Labels = {}, bounds: readonly number[] = DURATIONS): LabelledHistogram {
    return this.#family(name, help, 'histogram', labels, () => new HistogramSeries(bounds)).series(labels);
  }

  /** Runs before each reading: the way to bring up to date what is cheaper to look at than to count. */
  collect(run: () => void): void {
    this.#collectors.add(run);
    this.#releases.push(() => this.#collectors.delete(run));
  }

  /** The same metrics for a user who may end before them: `close` takes its gauges and collectors away. */
  scope(): Metrics {
    return new Metrics(this);
  }

  /** Takes away what was made through this one and would not be true any more: gauges and collectors. */
  close(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  /** All metrics as `GET /metrics` gives them. */
  async text(): Promise<string> {
    for (const run of this.#collectors) run();
    return this.#registry.metrics();
  }

  #family<S extends Series>(name: string, help: string, type: MetricType, labels: Labels, make: () => S): Family<S> {
    const known = this.#registry.getSingleMetric(name) as unknown as Family<S> | undefined;
    if (known !== undefined) {
      if (known.type !== type) throw new TypeError(`metric ${name} is a ${known.type}, not a ${type}`);
      return known;
    }
    const family = new Family<S>(name, help, type, Object.keys(labels), make);
    this.#registry.registerMetric(family as unknown as Metric);
    return family;
  }
}
