import type { LabelledCounter, LabelledHistogram, Metrics } from '../telemetry/index.js';

/** Requests of one method that ended in one way. */
export class Outcome {
  #seconds: LabelledHistogram | undefined;

  constructor(
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

/** Outcomes of any method beside `response`: a client that leaves, and the faults that the host makes itself. */
const FAILURES = ['abandoned', '900', '901', '904', '920'];

/** Outcomes of requests for names that nobody registered. */
const UNKNOWN = ['701', '902'];

/** Requests by service, method and outcome: `response`, `abandoned` (the client has gone), or the FaultCode. */
export class RequestMetrics {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(private readonly metrics: Metrics) {
    for (const outcome of UNKNOWN) this.outcome('unknown', 'unknown', outcome);
  }

  /**
   * The answers of a method. Its usual failures show from now on, at 0: Prometheus sees no increase in a series whose
   * first value is 1. Only their counts do, since each histogram is 20 lines.
   */
  answers(service: string, method: string): Outcome {
    for (const outcome of FAILURES) this.outcome(service, method, outcome);
    return this.outcome(service, method, 'response');
  }

  outcome(service: string, method: string, outcome: string): Outcome {
    const key = JSON.stringify([service, method, outcome]);
    const known = this.#outcomes.get(key) ?? this.#make({ service, method, outcome });
    this.#outcomes.set(key, known);
    return known;
  }

  #make(labels: Record<string, string>): Outcome {
    const by = 'by service, method and outcome (response, abandoned, or the FaultCode)';
    return new Outcome(this.metrics.counter('esp_requests_total', `ESP requests ${by}`, labels), () =>
      this.metrics.histogram('esp_request_duration_seconds', `Time to the reply of ESP requests, ${by}`, labels),
    );
  }
}
