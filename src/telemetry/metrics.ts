import { Counter, Gauge, Registry } from 'prom-client';

/** Counts one thing; the fast way is to take the counter of a set of labels once and keep it. */
export interface LabelledCounter {
  inc(value?: number): void;
}

/** Shows how much there is of one thing at this moment. */
export interface LabelledGauge {
  set(value: number): void;
}

/** The host's metrics, in Prometheus' text format. Each is made once and found again by name. */
export class Metrics {
  readonly #registry = new Registry();

  /** The counter `name` with these labels, which shows from now on; `help` says what it counts. */
  counter(name: string, help: string, labels: Record<string, string> = {}): LabelledCounter {
    const known = this.#registry.getSingleMetric(name) as Counter | undefined;
    const counter = known ?? new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    counter.inc(labels, 0);
    return counter.labels(labels);
  }

  /** The gauge `name` with these labels, which shows 0 from now on; `help` says what it measures. */
  gauge(name: string, help: string, labels: Record<string, string> = {}): LabelledGauge {
    const known = this.#registry.getSingleMetric(name) as Gauge | undefined;
    const gauge = known ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    gauge.set(labels, 0);
    return gauge.labels(labels);
  }

  /** All metrics as `GET /metrics` would give them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
