import type { LabelledCounter, LabelledGauge, Metrics } from '../../telemetry/index.js';
import { REFUSALS, type Refusal } from '../../transport/index.js';

/** HTTP connections; what is asked over them counts as ESP requests do. */
export class HttpConnectionMetrics {
  readonly open: LabelledGauge;
  readonly #accepted: LabelledCounter;

  constructor(private readonly metrics: Metrics) {
    this.open = metrics.gauge('esp_http_connections', 'Open HTTP connections');
    this.#accepted = metrics.counter('esp_http_connections_accepted_total', 'HTTP connections taken');
    for (const reason of REFUSALS) this.#refused(reason);
  }

  refused(reason: Refusal): void {
    this.#refused(reason).inc();
  }

  opened(): void {
    this.open.inc();
    this.#accepted.inc();
  }

  #refused(reason: Refusal): LabelledCounter {
    const help =
      'HTTP connections refused, by the limit that was reached (tls: no handshake, or no allowed certificate)';
    return this.metrics.counter('esp_http_connections_refused_total', help, { reason });
  }
}
