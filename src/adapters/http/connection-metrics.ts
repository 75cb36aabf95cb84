import type { LabelledCounter, LabelledGauge, Metrics } from '../../telemetry/index.js';

/** HTTP connections; what is asked over them counts as ESP requests do. */
export class HttpConnectionMetrics {
  readonly open: LabelledGauge;
  readonly refused: LabelledCounter;
  readonly #accepted: LabelledCounter;

  constructor(metrics: Metrics) {
    this.open = metrics.gauge('esp_http_connections', 'Open HTTP connections');
    this.#accepted = metrics.counter('esp_http_connections_accepted_total', 'HTTP connections taken');
    const help = 'HTTP connections refused: too many, no TLS handshake, no client certificate that is allowed';
    this.refused = metrics.counter('esp_http_connections_refused_total', help);
  }

  opened(): void {
    this.open.inc();
    this.#accepted.inc();
  }
}
