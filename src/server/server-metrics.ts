import { X509Certificate } from 'node:crypto';
import { type LabelledGauge, linesLost, type Metrics } from '../telemetry/index.js';
import type { BufferBudget } from '../transport/index.js';
import type { Prepared } from './prepare.js';
import type { RunningParts } from './running-parts.js';

/** The metrics of a server as a whole. */
export class ServerMetrics {
  readonly #servingSince: LabelledGauge;

  constructor(
    private readonly metrics: Metrics,
    running: RunningParts,
    budget: BufferBudget,
  ) {
    this.#servingSince = metrics.gauge('esp_config_applied_timestamp_seconds', 'When the config in use was applied');
    const inFlight = metrics.gauge('esp_requests_in_flight', 'ESP requests that wait for their methods');
    metrics.collect(() => inFlight.set(running.inFlight));
    for (const reason of ['failed', 'write', 'full'] as const) {
      const counter = metrics.counter('esp_log_lines_lost_total', 'Log lines that could not be written', { reason });
      let counted = 0;
      metrics.collect(() => {
        counter.inc(linesLost[reason] - counted);
        counted = linesLost[reason];
      });
    }
    const buffered = (kind: 'waiting' | 'stalled') =>
      metrics.gauge('esp_buffered_bytes', 'Bytes that are kept for clients, of limits.bufferedBytes', { kind });
    const [waiting, stalled] = [buffered('waiting'), buffered('stalled')];
    metrics.collect(() => {
      waiting.set(budget.waiting);
      stalled.set(budget.stalled);
    });
  }

  /** Records that this configuration is in use from now on. */
  serving({ tls, httpTls, webhooksTls }: Prepared): void {
    this.#servingSince.set(Math.floor(Date.now() / 1000));
    const all = { esp: tls, http: httpTls, webhooks: webhooksTls };
    for (const [listener, { certificate } = {}] of Object.entries(all)) {
      if (certificate === undefined) continue;
      const help = "When the listener's TLS certificate expires";
      const expires = this.metrics.gauge('esp_certificate_expires_timestamp_seconds', help, { listener });
      expires.set(Date.parse(new X509Certificate(certificate).validTo) / 1000);
    }
  }
}
