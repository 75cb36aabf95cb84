import type { LabelledCounter, LabelledGauge, Metrics } from '../../telemetry/index.js';
import { CLOSE_REASONS, ConnectionError, REFUSALS, type Refusal, type SocketCounts } from '../../transport/index.js';
import { WireError } from '../../wire/index.js';

interface Counted {
  readonly counts: SocketCounts;
}

const NONE: SocketCounts = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };

const NAMES = Object.keys(NONE) as (keyof SocketCounts)[];

/** Metrics of ESP connections. Each connection counts for itself; they are summed when metrics are read. */
export class ConnectionMetrics {
  readonly #open: LabelledGauge;
  readonly #accepted: LabelledCounter;
  readonly #carried: Readonly<Record<keyof SocketCounts, LabelledCounter>>;
  readonly #reasons: ReadonlyMap<string, LabelledCounter>;
  /** Sums of closed connections. */
  readonly #closed = { ...NONE };
  /** The sums that the counters include. */
  readonly #summed = { ...NONE };

  constructor(
    private readonly metrics: Metrics,
    private readonly connections: Iterable<Counted>,
  ) {
    this.#open = metrics.gauge('esp_connections', 'Open ESP connections');
    this.#accepted = metrics.counter('esp_connections_accepted_total', 'ESP connections accepted');
    this.#carried = {
      bytesIn: metrics.counter('esp_received_bytes_total', 'Bytes received over ESP connections, before TLS'),
      bytesOut: metrics.counter('esp_sent_bytes_total', 'Bytes sent over ESP connections, before TLS'),
      messagesIn: metrics.counter('esp_messages_received_total', 'ESP messages received'),
      messagesOut: metrics.counter('esp_messages_sent_total', 'ESP messages sent'),
    };
    const help = 'ESP connections closed, by reason (ended: normally, by either side)';
    // 0 from the start: Prometheus sees no increase in a series whose first value is 1.
    this.#reasons = new Map(
      ['ended', 'format', 'error', ...CLOSE_REASONS].map((reason) => [
        reason,
        metrics.counter('esp_connections_closed_total', help, { reason }),
      ]),
    );
    for (const reason of REFUSALS) this.#refused(reason);
    metrics.collect(() => this.#sum());
  }

  opened(): void {
    this.#open.inc();
    this.#accepted.inc();
  }

  refused(reason: Refusal): void {
    this.#refused(reason).inc();
  }

  closed({ counts }: Counted, problem: Error | undefined): void {
    this.#open.dec();
    for (const name of NAMES) this.#closed[name] += counts[name];
    this.#reasons.get(closeReason(problem))?.inc();
  }

  /** Counts what the last connections carried, and removes the gauges. */
  close(): void {
    this.#sum();
    this.metrics.close();
  }

  #refused(reason: Refusal): LabelledCounter {
    const help =
      'ESP connections refused, by reason: the limit that was reached, tls (handshake or certificate), or system';
    return this.metrics.counter('esp_connections_refused_total', help, { reason });
  }

  #sum(): void {
    const sums = { ...this.#closed };
    for (const { counts } of this.connections) for (const name of NAMES) sums[name] += counts[name];
    for (const name of NAMES) this.#carried[name].inc(sums[name] - this.#summed[name]);
    Object.assign(this.#summed, sums);
  }
}

/** The reason as a metric label: `ended` if either side ended the connection normally. */
export function closeReason(problem: Error | undefined): string {
  if (problem === undefined) return 'ended';
  if (problem instanceof WireError) return 'format';
  return problem instanceof ConnectionError ? problem.reason : 'error';
}
