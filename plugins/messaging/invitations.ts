import { BulkheadRejectedError, bulkhead, type IPolicy } from 'cockatiel';
import {
  ExecutionFailedError,
  IncorrectParameterError,
  type LabelledCounter,
  type Metrics,
  nearest,
  OutcomeUnknownError,
  z,
} from 'esp-host';
import type { ChannelApi } from './api/channel-api.js';
import { jsonOrUndefined } from './api/http.js';
import { hadNoEffect, outcomeOfStatus } from './api/outcomes.js';
import type { InvitationSettings, Template, WhatsAppSettings } from './config/index.js';
import { CallError } from './errors.js';

/** Why a channel without an API cannot invite anyone. */
export const cannotSend = ({ isFormer }: WhatsAppSettings): string =>
  `${isFormer ? 'contacts.driver number-plan' : 'api.driver none'} sends no messages`;

/** Why the templates of a channel are unused, or undefined if they are not. */
export function unusedTemplates(settings: WhatsAppSettings): string | undefined {
  if (settings.api.driver !== 'none' || settings.invitations === undefined) return undefined;
  return `invitations.templates are unused: ${cannotSend(settings)}`;
}

/** Sends the templates of a channel. */
export class Invitations {
  constructor(
    private readonly channel: string,
    private readonly settings: InvitationSettings | undefined,
    /** Why none can be sent, if the channel has no API. */
    private readonly sender: MessageSender | string,
  ) {}

  /**
   * Sends a template, once.
   * @param to E.164
   * @param id StandardResponseId; undefined: the default of the channel
   * @param unless prevents a message that is not yet being sent
   * @returns the id of the message
   * @throws IncorrectParameterError, ConnectionFailedError, ExecutionFailedError, OutcomeUnknownError
   */
  send(to: string, id: string | undefined, unless: AbortSignal): Promise<string> {
    if (typeof this.sender === 'string') throw new ExecutionFailedError(this.channel, this.sender);
    return this.sender.send(templateMessage(to, this.#template(id)), unless);
  }

  #template(id: string | undefined): Template {
    const { templates = {}, default: usual } = this.settings ?? {};
    const wanted = id ?? usual;
    if (wanted === undefined) {
      throw new IncorrectParameterError('StandardResponseId', `missing, and channel ${this.channel} has no default`);
    }
    const template = Object.hasOwn(templates, wanted) ? templates[wanted] : undefined;
    if (template !== undefined) return template;
    const meant = nearest(wanted, Object.keys(templates));
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    throw new IncorrectParameterError(
      'StandardResponseId',
      `channel ${this.channel} has no template '${wanted}'${hint}`,
    );
  }
}

/** The body of `POST /v1/messages`. (Meta, On-Premises API reference, Messages, template object) */
function templateMessage(to: string, { namespace, name, language, parameters }: Template): object {
  const body = { type: 'body', parameters: parameters.map((text) => ({ type: 'text', text })) };
  return {
    // A wa_id: digits without the plus.
    to: to.slice(1),
    type: 'template',
    template: { namespace, name, language, ...(parameters.length === 0 ? {} : { components: [body] }) },
  };
}

export interface SenderSettings {
  /** The bulkhead of the channel's messages: maximum concurrent, and maximum waiting. */
  readonly calls: { readonly atOnce: number; readonly queued: number };
}

/** `POST /v1/messages` of the WhatsApp Business API client. (Meta, On-Premises API reference, Messages) */
const answerSchema = z.object({ messages: z.tuple([z.object({ id: z.string().min(1).max(512) })]).rest(z.unknown()) });

/**
 * Sends each message once. It repeats a call only if the first certainly had no effect: no connection could be opened,
 * or the token was refused (401). If a call was sent but not answered, or its status is ambiguous (408, 409, 5xx), the
 * message may have been sent, and the fault says so.
 */
export class MessageSender {
  readonly #bulkhead: IPolicy;
  readonly #count: Readonly<Record<'sent' | 'not_sent' | 'unknown', LabelledCounter>>;

  constructor(
    private readonly channel: string,
    private readonly api: Omit<ChannelApi, 'close'>,
    settings: SenderSettings,
    metrics: Metrics,
  ) {
    this.#bulkhead = bulkhead(settings.calls.atOnce, settings.calls.queued);
    const help = 'Invitations of a channel by what became of their messages: sent, not_sent or unknown';
    const counter = (outcome: string) => metrics.counter('esp_invitations_total', help, { channel, outcome });
    this.#count = { sent: counter('sent'), not_sent: counter('not_sent'), unknown: counter('unknown') };
  }

  /**
   * @param unless prevents a message that is not yet being sent
   * @returns the id of the message
   * @throws ConnectionFailedError, ExecutionFailedError if it was not sent; OutcomeUnknownError if it may have been
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
    const { breaker } = this.api;
    // Checked before the queue too: no request waits for an API that counts as down.
    breaker.check();
    try {
      return await this.#bulkhead.execute(() => breaker.run(post));
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      const cause = new CallError('not_made', 'the queue of messages is full');
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
  }

  async #post(message: object, unless: AbortSignal): Promise<string> {
    const answer = await this.api.client.post('/v1/messages', message, { repeatable: false, unless });
    const { status, body, refusal, details } = answer;
    const outcome = outcomeOfStatus(status);
    const id = answerSchema.safeParse(jsonOrUndefined(body)).data?.messages[0].id;
    if (outcome === 'answered' && id !== undefined) return id;
    const why = `status ${status}${refusal === undefined ? '' : `: ${refusal}`}`;
    const cause = new CallError(outcome, `status ${status}${details}`);
    if (hadNoEffect(status)) throw new ExecutionFailedError(this.channel, why, { cause });
    if (outcome !== 'answered') throw new OutcomeUnknownError(this.channel, why, { cause });
    if (refusal !== undefined) throw new ExecutionFailedError(this.channel, why, { cause });
    throw new OutcomeUnknownError(this.channel, 'the answer names no message', { cause });
  }
}
