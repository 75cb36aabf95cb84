import type { LabelledCounter, LabelledHistogram, Metrics } from '../telemetry/index.js';

/** Requests of one method that ended in one way. */
export class Outcome {
  constructor(
    private readonly count: LabelledCounter,
    private readonly seconds: LabelledHistogram,
  ) {}

  /** One more; `startedAt` is of `performance.now()`. */
  add(startedAt: number): void {
    this.count.inc();
    this.seconds.observe((performance.now() - startedAt) / 1000);
  }
}

/** Requests by service, method and outcome: `response`, `abandoned` (the client has gone), or the FaultCode. */
export class RequestMetrics {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(private readonly metrics: Metrics) {}

  outcome(service: string, method: string, outcome: string): Outcome {
    const key = JSON.stringify([service, method, outcome]);
    const known = this.#outcomes.get(key) ?? this.#make({ service, method, outcome });
    this.#outcomes.set(key, known);
    return known;
  }

  #make(labels: Record<string, string>): Outcome {
    const by = 'by service, method and outcome (response, abandoned, or the FaultCode)';
    return new Outcome(
      this.metrics.counter('esp_requests_total', `ESP requests ${by}`, labels),
      this.metrics.histogram('esp_request_duration_seconds', `Time to the reply of ESP requests, ${by}`, labels),
    );
  }
}
