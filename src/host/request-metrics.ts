import type { LabelledCounter, LabelledHistogram, Metrics } from '../telemetry/index.js';

/** Different FaultCodes of a method that are told apart; a plugin could make any number of them. */
const CODES = 50;

/** Requests of one method that ended in one way. */
export class Outcome {
  #seconds: LabelledHistogram | undefined;

  constructor(
    /** `Service.Method outcome`. */
    readonly name: string,
    private readonly count: LabelledCounter,
    private readonly histogram: () => LabelledHistogram,
  ) {}

  /** One more; `startedAt` is of `performance.now()`. */
  add(startedAt: number): void {
    this.count.inc();
    this.#seconds ??= this.histogram();
    this.#seconds.observe((performance.now() - startedAt) / 1000);
  }
}

/** Counts show from now on, histograms from their first request on: each of those is 20 lines. */
export function outcomeOf(metrics: Metrics, service: string, method: string, outcome: string): Outcome {
  const labels = { service, method, outcome };
  const by = 'by service, method and outcome (response, abandoned, or the FaultCode)';
  return new Outcome(
    `${service}.${method} ${outcome}`,
    metrics.counter('esp_requests_total', `ESP requests ${by}`, labels),
    () => metrics.histogram('esp_request_duration_seconds', `Time to the reply of ESP requests, ${by}`, labels),
  );
}

/** Outcomes of any method beside `response`: a client that leaves, and the faults that the host makes itself. */
const USUAL = ['abandoned', '900', '901', '904', '920'];

/**
 * Requests of one method that got no response, by outcome: `abandoned` (the client has gone), or the FaultCode. The usual
 * ones show from the start, at 0: Prometheus sees no increase in a series whose first value is 1.
 */
export class Failures {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    private readonly metrics: Metrics,
    private readonly service: string,
    private readonly method: string,
    usual: readonly string[] = USUAL,
  ) {
    for (const outcome of usual) this.of(outcome);
  }

  of(outcome: string): Outcome {
    return this.#outcomes.get(outcome) ?? this.#remember(this.#outcomes.size < CODES ? outcome : 'other');
  }

  #remember(outcome: string): Outcome {
    const known = this.#outcomes.get(outcome) ?? outcomeOf(this.metrics, this.service, this.method, outcome);
    this.#outcomes.set(outcome, known);
    return known;
  }
}
