import type { LabelledCounter, LabelledGauge, LabelledHistogram, Metrics } from '../../telemetry/index.js';
import { REFUSALS, type Refusal } from '../../transport/index.js';

/**
 * What became of a webhook. `unauthorized`, `forbidden` and `invalid` are its receiver's words for 401, 403 and 400; `failed`:
 * the receiver threw something else; `full`: the inbox has no room; `unstored`: the state file did not take it in time.
 */
export type Outcome =
  | 'accepted'
  | 'verified'
  | 'unauthorized'
  | 'forbidden'
  | 'invalid'
  | 'too_large'
  | 'incomplete'
  | 'failed'
  | 'full'
  | 'unstored'
  | 'not_found'
  | 'method';

/** What became of an event. `failed` counts attempts. */
export type EventOutcome = 'accepted' | 'duplicate' | 'handled' | 'failed' | 'parked';

const EVENT_OUTCOMES: readonly EventOutcome[] = ['accepted', 'duplicate', 'handled', 'failed', 'parked'];

/** What became of a webhook that is forwarded. `failed` counts attempts; `dropped`: there was no room, or it was too old. */
export type ForwardOutcome = 'accepted' | 'duplicate' | 'forwarded' | 'failed' | 'dropped';

const FORWARD_OUTCOMES: readonly ForwardOutcome[] = ['accepted', 'duplicate', 'forwarded', 'failed', 'dropped'];

/** The path of webhooks that no receiver has: any number of them may come. */
const OTHER_PATH = 'other';

/** Metrics of webhooks, their events and their connections. */
export class WebhookMetrics {
  readonly open: LabelledGauge;
  readonly dropped: LabelledCounter;
  readonly #accepted: LabelledCounter;
  readonly #answers: LabelledHistogram;
  readonly #waiting: LabelledGauge;
  readonly #parked: LabelledGauge;
  readonly #oldest: LabelledGauge;

  constructor(private readonly metrics: Metrics) {
    this.open = metrics.gauge('esp_webhook_connections', 'Open connections of webhook senders');
    this.#accepted = metrics.counter(
      'esp_webhook_connections_accepted_total',
      'Connections of webhook senders accepted',
    );
    this.#answers = metrics.histogram('esp_webhook_answer_duration_seconds', 'Time from a whole webhook to its answer');
    const waiting = 'Webhook events that are stored and not yet handled';
    this.#waiting = metrics.gauge('esp_webhook_events_waiting', waiting);
    const parked = 'Webhook events that failed too often, and wait for the next start or reload';
    this.#parked = metrics.gauge('esp_webhook_events_parked', parked);
    const oldest = 'Age of the oldest webhook event that waits and is not parked';
    this.#oldest = metrics.gauge('esp_webhook_oldest_event_seconds', oldest);
    const dropped = 'Webhook events that were dropped: parked, or without a receiver, for too long';
    this.dropped = metrics.counter('esp_webhook_events_dropped_total', dropped);
    for (const reason of REFUSALS) this.#refused(reason);
  }

  /** Makes the series of a receiver visible. */
  receiver(path: string): void {
    this.#answered(path, 'accepted');
    this.#answered(path, 'unauthorized');
    for (const outcome of EVENT_OUTCOMES) this.event(path, outcome);
  }

  /** @param path undefined if no receiver has it */
  answered(path: string | undefined, outcome: Outcome, ms: number): void {
    this.#answered(path ?? OTHER_PATH, outcome).inc();
    this.#answers.observe(ms / 1000);
  }

  event(path: string, outcome: EventOutcome): LabelledCounter {
    const help =
      'Events of webhooks: accepted (stored), duplicate (dropped), handled, failed (attempts), parked (after too many)';
    return this.metrics.counter('esp_webhook_events_total', help, { path, outcome });
  }

  /** For hosts that share their state. */
  leads(): LabelledGauge {
    const help = 'Whether this host handles the events of all hosts that share the state (1) or another host does (0)';
    return this.metrics.gauge('esp_webhook_leads', help);
  }

  forward(name: string): ForwardMetrics {
    return new ForwardMetrics(this.metrics, name);
  }

  opened(): void {
    this.open.inc();
    this.#accepted.inc();
  }

  refused(reason: Refusal): void {
    this.#refused(reason).inc();
  }

  collect(run: () => void): void {
    this.metrics.collect(run);
  }

  measured(waiting: number, parked: number, oldestMs: number): void {
    this.#waiting.set(waiting);
    this.#parked.set(parked);
    this.#oldest.set(oldestMs / 1000);
  }

  #answered(path: string, outcome: Outcome): LabelledCounter {
    const help = 'Webhooks by the path of their receiver and by outcome: accepted (stored), verified (GET), or why not';
    return this.metrics.counter('esp_webhooks_total', help, { path, outcome });
  }

  #refused(reason: Refusal): LabelledCounter {
    const help =
      'Connections of webhook senders refused, by reason: the limit that was reached, tls (handshake or certificate), or system';
    return this.metrics.counter('esp_webhook_connections_refused_total', help, { reason });
  }
}

/** Metrics of the webhooks that one forward passes on. */
export class ForwardMetrics {
  readonly #waiting: LabelledGauge;
  readonly #oldest: LabelledGauge;

  constructor(
    private readonly metrics: Metrics,
    private readonly forward: string,
  ) {
    const waiting = 'Webhooks that are stored and not yet forwarded';
    this.#waiting = metrics.gauge('esp_webhook_forwards_waiting', waiting, { forward });
    const oldest = 'Age of the oldest webhook that is not yet forwarded';
    this.#oldest = metrics.gauge('esp_webhook_oldest_forward_seconds', oldest, { forward });
    for (const outcome of FORWARD_OUTCOMES) this.count(outcome);
  }

  count(outcome: ForwardOutcome): LabelledCounter {
    const help =
      'Webhooks to forward: accepted (stored), duplicate (dropped), forwarded, failed (attempts), dropped (too many or too old)';
    return this.metrics.counter('esp_webhook_forwards_total', help, { forward: this.forward, outcome });
  }

  measured(waiting: number, oldestMs: number): void {
    this.#waiting.set(waiting);
    this.#oldest.set(oldestMs / 1000);
  }
}
