import { BulkheadRejectedError, bulkhead, type IPolicy } from 'cockatiel';
import { ExecutionFailedError, type LabelledCounter, type Metrics, OutcomeUnknownError, z } from 'esp-host';
import { jsonOrUndefined } from './api/http.js';
import type { OpenApi } from './api/open-api.js';
import { CallProblem, didNothing, outcomeOfStatus } from './api/outcome.js';

export interface SenderSettings {
  /** The bulkhead of the channel's messages: so many at one time, and so many that wait. */
  readonly calls: { readonly atOnce: number; readonly queued: number };
}

/** `POST /v1/messages` of the WhatsApp Business API client. (Meta, On-Premises API reference, Messages) */
const answerSchema = z.object({ messages: z.tuple([z.object({ id: z.string().min(1).max(512) })]).rest(z.unknown()) });

/**
 * Sends each message once. It is sent again only where the first try certainly did nothing: no connection could be
 * made, or the token was refused (401). Where it was written and no answer came, or one that leaves it open (408, 409,
 * 5xx), nobody knows whether it was sent, and the fault says so.
 */
export class MessageSender {
  readonly #lane: IPolicy;
  readonly #count: Readonly<Record<'sent' | 'not_sent' | 'unknown', LabelledCounter>>;

  constructor(
    private readonly channel: string,
    private readonly open: OpenApi,
    settings: SenderSettings,
    metrics: Metrics,
  ) {
    this.#lane = bulkhead(settings.calls.atOnce, settings.calls.queued);
    const help = 'Invitations of a channel by what became of their messages: sent, not_sent or unknown';
    const counter = (outcome: string) => metrics.counter('esp_invitations_total', help, { channel, outcome });
    this.#count = { sent: counter('sent'), not_sent: counter('not_sent'), unknown: counter('unknown') };
  }

  /**
   * @param unless once it has fired, nothing is sent that was not under way
   * @returns the id of the message
   * @throws ConnectionFailedError, ExecutionFailedError where it was not sent, OutcomeUnknownError where it may have been
   */
  async send(message: object, unless: AbortSignal): Promise<string> {
    try {
      const id = await this.#inTurn(() => this.#post(message, unless));
      this.#count.sent.inc();
      return id;
    } catch (error) {
      this.#count[error instanceof OutcomeUnknownError ? 'unknown' : 'not_sent'].inc();
      throw error;
    }
  }

  async #inTurn(post: () => Promise<string>): Promise<string> {
    const { breaker } = this.open;
    // Nobody waits in a queue for an API that counts as away.
    breaker.check();
    try {
      return await this.#lane.execute(() => breaker.run(post));
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      const cause = new CallProblem('not_made', 'too many messages wait already');
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
  }

  async #post(message: object, unless: AbortSignal): Promise<string> {
    const answer = await this.open.api.answer('/v1/messages', message, { repeatable: false, unless });
    const { status, body, refusal, details } = answer;
    const outcome = outcomeOfStatus(status);
    const id = answerSchema.safeParse(jsonOrUndefined(body)).data?.messages[0].id;
    if (outcome === 'answered' && id !== undefined) return id;
    const why = `status ${status}${refusal === undefined ? '' : `: ${refusal}`}`;
    const cause = new CallProblem(outcome, `status ${status}${details}`);
    if (didNothing(status)) throw new ExecutionFailedError(this.channel, why, { cause });
    if (outcome !== 'answered') throw new OutcomeUnknownError(this.channel, why, { cause });
    if (refusal !== undefined) throw new ExecutionFailedError(this.channel, why, { cause });
    throw new OutcomeUnknownError(this.channel, 'the answer names no message', { cause });
  }
}
