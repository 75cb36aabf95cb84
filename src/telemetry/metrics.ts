import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import {
  CounterSeries,
  DURATIONS,
  GaugeSeries,
  HistogramSeries,
  type LabelledCounter,
  type LabelledGauge,
  type LabelledHistogram,
  type Labels,
  type Sample,
  type Series,
} from './series.js';

/**
 * The metrics of a host, in Prometheus' text format. A series is created at its first use and found again by name and
 * labels. Code that counts often keeps the series: counting is then a single addition, where prom-client's own metrics
 * look up the labels each time. `help` says what is counted.
 */
export class Metrics {
  readonly #families: Map<string, Family>;
  readonly #collectors: Set<() => void>;
  readonly #releases: (() => void)[] = [];

  constructor(shared?: Metrics) {
    this.#families = shared === undefined ? new Map() : shared.#families;
    this.#collectors = shared === undefined ? new Set() : shared.#collectors;
  }

  /** Only grows. Its name ends in `_total`. */
  counter(name: string, help: string, labels: Labels = {}): LabelledCounter {
    return this.#series(name, help, 'counter', labels, CounterSeries);
  }

  /** Goes up and down. */
  gauge(name: string, help: string, labels: Labels = {}): LabelledGauge {
    const series = this.#series(name, help, 'gauge', labels, GaugeSeries);
    this.#releases.push(() => this.#families.get(name)?.release(labels));
    return series;
  }

  /** Counts values up to each of `bounds`, by default those of durations in seconds. */
  histogram(name: string, help: string, labels: Labels = {}, bounds: readonly number[] = DURATIONS): LabelledHistogram {
    return this.#series(name, help, 'histogram', labels, HistogramSeries, bounds);
  }

  /** Runs before each reading, for values that are cheaper to read than to count. */
  collect(run: () => void): void {
    this.#collectors.add(run);
    this.#releases.push(() => this.#collectors.delete(run));
  }

  /** The same metrics for a part of the host that ends earlier: its `close` removes its gauges and collectors. */
  scope(): Metrics {
    return new Metrics(this);
  }

  /** Removes the gauges and collectors that were added through this object. Counters and histograms stay. */
  close(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  /** All metrics, as `GET /metrics` returns them. */
  async text(): Promise<string> {
    for (const run of this.#collectors) run();
    return [...this.#families.values()].map((family) => family.text()).join('\n');
  }

  #series<S extends Series>(
    name: string,
    help: string,
    type: MetricType,
    labels: Labels,
    kind: new (bounds: readonly number[]) => S,
    bounds: readonly number[] = [],
  ): S {
    const family = this.#families.get(name) ?? new Family(name, help, type, Object.keys(labels));
    const series = family.type === type ? family.series(labels, () => new kind(bounds)) : undefined;
    if (!(series instanceof kind)) throw new TypeError(`metric ${name} is a ${family.type}, not a ${type}`);
    this.#families.set(name, family);
    return series;
  }
}

type MetricType = 'counter' | 'gauge' | 'histogram';

interface Kept {
  readonly labels: Labels;
  readonly series: Series;
  users: number;
}

const NAME = /^[a-z_][a-z0-9_]*$/i;

/** A metric with a series for each set of labels. */
class Family {
  readonly #kept = new Map<string, Kept>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly type: MetricType,
    readonly labelNames: readonly string[],
  ) {
    if (!NAME.test(name)) throw new TypeError(`${name} is not a valid metric name`);
    const wrong = labelNames.find((label) => !NAME.test(label));
    if (wrong !== undefined) throw new TypeError(`metric ${name}: ${wrong} is not a valid label name`);
  }

  /** The series of these labels, visible from now on. @throws TypeError for other label names */
  series(labels: Labels, make: () => Series): Series {
    const key = this.#key(labels);
    const kept = this.#kept.get(key) ?? { labels: { ...labels }, series: make(), users: 0 };
    this.#kept.set(key, kept);
    kept.users++;
    return kept.series;
  }

  /** Removes the series once each of its users has released it. */
  release(labels: Labels): void {
    const key = this.#key(labels);
    const kept = this.#kept.get(key);
    if (kept !== undefined && --kept.users === 0) this.#kept.delete(key);
  }

  text(): string {
    const samples = [...this.#kept.values()].flatMap(({ labels, series }) => series.samples(this.name, labels));
    const help = this.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return [`# HELP ${this.name} ${help}`, `# TYPE ${this.name} ${this.type}`, ...samples.map(sampleText), ''].join(
      '\n',
    );
  }

  #key(labels: Labels): string {
    const values = this.labelNames.map((name) => labels[name]);
    if (Object.keys(labels).length !== this.labelNames.length || values.includes(undefined)) {
      const given = Object.keys(labels).join(', ') || 'none';
      throw new TypeError(`metric ${this.name} has the labels ${this.labelNames.join(', ') || 'none'}, not ${given}`);
    }
    return JSON.stringify(values);
  }
}

/** `name{label="value"} 5` */
function sampleText({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${valueText(value)}`;
}

const valueText = (value: number): string => {
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

let ofProcess: Registry | undefined;

/**
 * CPU, memory, garbage collection, event-loop delay (`nodejs_eventloop_lag_*`) and the like of this process, in the same
 * format. Measured from the first call on, once for all hosts of the process.
 */
export function processMetrics(): { text(): Promise<string> } {
  const registry = ofProcess ?? measureProcess();
  ofProcess = registry;
  return { text: () => registry.metrics() };
}

/** Gauges whose names end in `_total`, which only those of counters may; `nodejs_active_resources` has their parts. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

function measureProcess(): Registry {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  const memory = 'Memory limit of the process: that of its cgroup, or all of the machine';
  new Gauge({
    name: 'esp_memory_limit_bytes',
    help: memory,
    registers,
    // The limit of a running container can change.
    collect() {
      this.set(memoryLimit());
    },
  });
  const heap = 'Size of the JavaScript heap at which the process runs out of memory';
  new Gauge({ name: 'esp_heap_limit_bytes', help: heap, registers }).set(getHeapStatistics().heap_size_limit);
  return register;
}

function memoryLimit(): number {
  // 0, or a huge number, if the cgroup has no limit.
  const limit = process.constrainedMemory();
  return limit === 0 ? totalmem() : Math.min(limit, totalmem());
}
