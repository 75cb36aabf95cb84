import type { LabelledCounter, LabelledGauge, Metrics } from '../../telemetry/index.js';
import { CLOSE_REASONS, ConnectionProblem, REFUSALS, type Refusal, type SocketCounts } from '../../transport/index.js';
import { WireError } from '../../wire/index.js';

interface Counted {
  readonly counts: SocketCounts;
}

const NONE: SocketCounts = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };

/** ESP connections and what they carry: each connection counts for itself, and is added up when metrics are read. */
export class ConnectionMetrics {
  readonly #open: LabelledGauge;
  readonly #accepted: LabelledCounter;
  readonly #carried: Readonly<Record<keyof SocketCounts, LabelledCounter>>;
  /** What of each connection's counts has been added. */
  readonly #added = new WeakMap<Counted, SocketCounts>();

  constructor(
    private readonly metrics: Metrics,
    connections: Iterable<Counted>,
  ) {
    this.#open = metrics.gauge('esp_connections', 'Open ESP connections');
    this.#accepted = metrics.counter('esp_connections_accepted_total', 'ESP connections taken');
    this.#carried = {
      bytesIn: metrics.counter('esp_received_bytes_total', 'Bytes received over ESP connections, before TLS'),
      bytesOut: metrics.counter('esp_sent_bytes_total', 'Bytes sent over ESP connections, before TLS'),
      messagesIn: metrics.counter('esp_messages_received_total', 'ESP messages received'),
      messagesOut: metrics.counter('esp_messages_sent_total', 'ESP messages sent'),
    };
    // At 0 from the start: Prometheus sees no increase in a series whose first value is 1.
    for (const reason of ['ended', 'format', 'error', ...CLOSE_REASONS]) this.#closed(reason);
    for (const reason of REFUSALS) this.#refused(reason);
    metrics.collect(() => {
      for (const connection of connections) this.#add(connection);
    });
  }

  opened(): void {
    this.#open.inc();
    this.#accepted.inc();
  }

  refused(reason: Refusal): void {
    this.#refused(reason).inc();
  }

  closed(connection: Counted, problem: Error | undefined): void {
    this.#open.dec();
    this.#add(connection);
    this.#closed(closeReason(problem)).inc();
  }

  #refused(reason: Refusal): LabelledCounter {
    const help =
      'ESP connections refused, by the limit that was reached (tls: no handshake, or no allowed certificate)';
    return this.metrics.counter('esp_connections_refused_total', help, { reason });
  }

  #closed(reason: string): LabelledCounter {
    const help = 'ESP connections closed, by reason (ended: in order by either side)';
    return this.metrics.counter('esp_connections_closed_total', help, { reason });
  }

  #add(connection: Counted): void {
    const now = { ...connection.counts };
    const before = this.#added.get(connection) ?? NONE;
    for (const name of Object.keys(NONE) as (keyof SocketCounts)[]) this.#carried[name].inc(now[name] - before[name]);
    this.#added.set(connection, now);
  }
}

/** `ended` where either side ended it in order. */
export function closeReason(problem: Error | undefined): string {
  if (problem === undefined) return 'ended';
  if (problem instanceof WireError) return 'format';
  return problem instanceof ConnectionProblem ? problem.reason : 'error';
}
