import { Counter, Registry } from 'prom-client';

/** Counts one thing; the fast way is to take the counter of a set of labels once and keep it. */
export interface LabelledCounter {
  inc(value?: number): void;
}

/** The host's metrics, in Prometheus' text format. Counters are made once and found again by name. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Tallies>();

  /** The counter `name` with these labels, which shows from now on; `help` says what it counts. */
  counter(name: string, help: string, labels: Record<string, string> = {}): LabelledCounter {
    const tallies = this.#counters.get(name) ?? new Tallies(name, help, Object.keys(labels), this.#registry);
    this.#counters.set(name, tallies);
    return tallies.of(labels);
  }

  /** All metrics as `GET /metrics` would give them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** A counter of prom-client's, which hashes its labels at every step, behind plain numbers that a scrape moves there. */
class Tallies {
  readonly #byLabels = new Map<string, Tally>();
  readonly #counter: Counter;

  constructor(name: string, help: string, labelNames: string[], registry: Registry) {
    const collect = (): void => {
      for (const tally of this.#byLabels.values()) this.#counter.inc(tally.labels, tally.take());
    };
    this.#counter = new Counter({ name, help, labelNames, collect, registers: [registry] });
  }

  of(labels: Record<string, string>): Tally {
    const key = JSON.stringify(labels);
    const known = this.#byLabels.get(key);
    if (known !== undefined) return known;
    this.#counter.inc(labels, 0);
    const tally = new Tally(labels);
    this.#byLabels.set(key, tally);
    return tally;
  }
}

class Tally implements LabelledCounter {
  #count = 0;

  constructor(readonly labels: Record<string, string>) {}

  inc(value = 1): void {
    if (!(value >= 0 && Number.isFinite(value))) throw new TypeError(`a counter goes up, and not by ${value}`);
    this.#count += value;
  }

  /** What was counted since the last time. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
