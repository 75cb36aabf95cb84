import { Counter, Registry } from 'prom-client';

/** Counts one thing; the fast way is to take the counter of a set of labels once and keep it. */
export interface LabelledCounter {
  inc(value?: number): void;
}

/** The host's metrics, in Prometheus' text format. Counters are made once and found again by name. */
export class Metrics {
  readonly #registry = new Registry();

  /** The counter `name` with these labels, which shows from now on; `help` says what it counts. */
  counter(name: string, help: string, labels: Record<string, string> = {}): LabelledCounter {
    const known = this.#registry.getSingleMetric(name) as Counter | undefined;
    const counter = known ?? new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
    counter.inc(labels, 0);
    return counter.labels(labels);
  }

  /** All metrics as `GET /metrics` would give them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
