import { BulkheadRejectedError, bulkhead, type IPolicy } from 'cockatiel';
import {
  ExecutionFailedError,
  IncorrectParameterError,
  type LabelledCounter,
  type Metrics,
  nearest,
  OutcomeUnknownError,
} from 'esp-host';
import type { Breaker } from './api/breaker.js';
import type { InvitationSettings, Template, WhatsAppSettings } from './config/index.js';
import { CallError } from './errors.js';
import type { Fate, Fates } from './fate/index.js';
import type { MessageLimits } from './limits/message-limits.js';

/** Why a channel without an API cannot invite anyone. */
export const cannotSend = ({ isFormer }: WhatsAppSettings): string =>
  `${isFormer ? 'contacts.driver number-plan' : 'api.driver none'} sends no messages`;

/** Why the templates of a channel are unused, or undefined if they are not. */
export function unusedTemplates(settings: WhatsAppSettings): string | undefined {
  if (settings.api.driver !== 'none' || settings.invitations === undefined) return undefined;
  return `invitations.templates are unused: ${cannotSend(settings)}`;
}

/** Why a channel does not know what became of its invitations. */
export const NOT_RECORDED = 'invitations are recorded only with api.driver cloud and a state: set state';

/** An invitation to send. */
export interface Invitation {
  /** E.164, or with Cloud API a business-scoped user id. */
  readonly to: string;
  /** StandardResponseId; undefined: the default of the channel. */
  readonly id: string | undefined;
  readonly referenceId: number | undefined;
  /** Prevents a message that is not yet being sent. */
  readonly unless: AbortSignal;
}

/** Sends the templates of a channel. */
export class Invitations {
  constructor(
    private readonly channel: string,
    private readonly settings: InvitationSettings | undefined,
    /** Why none can be sent, if the channel has no API. */
    private readonly sender: MessageSender | string,
    /** Where they are recorded, if webhooks report what becomes of them. */
    private readonly fates?: Fates,
  ) {}

  /**
   * Sends a template, once.
   * @returns the id of the message
   * @throws IncorrectParameterError, ConnectionFailedError, ExecutionFailedError, OutcomeUnknownError
   */
  async send({ to, id, referenceId, unless }: Invitation): Promise<string> {
    if (typeof this.sender === 'string') throw new ExecutionFailedError(this.channel, this.sender);
    const { template, name } = this.#template(id);
    const { fates, channel } = this;
    if (fates === undefined) return this.sender.send(to, template, unless);
    const begun = await fates.begin({ channel, to, template: name, referenceId });
    try {
      const messageId = await this.sender.send(to, template, unless, begun.reference);
      fates.end(begun, { status: 'accepted', at: Date.now(), messageId });
      return messageId;
    } catch (error) {
      const status = error instanceof OutcomeUnknownError ? 'unknown' : 'not_sent';
      fates.end(begun, { status, at: Date.now(), fault: (error as Error).message });
      throw error;
    }
  }

  /**
   * Where an invitation is, by the id of its message; undefined if there is no record of it.
   * @throws ExecutionFailedError if nothing is recorded; StateError
   */
  find(messageId: string): Promise<Fate | undefined> {
    if (this.fates === undefined) throw new ExecutionFailedError(this.channel, NOT_RECORDED);
    return this.fates.find(this.channel, messageId);
  }

  #template(id: string | undefined): { readonly template: Template; readonly name: string } {
    const { templates = {}, default: usual } = this.settings ?? {};
    const wanted = id ?? usual;
    if (wanted === undefined) {
      throw new IncorrectParameterError('StandardResponseId', `missing, and channel ${this.channel} has no default`);
    }
    const template = Object.hasOwn(templates, wanted) ? templates[wanted] : undefined;
    if (template !== undefined) return { template, name: wanted };
    const meant = nearest(wanted, Object.keys(templates));
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    throw new IncorrectParameterError(
      'StandardResponseId',
      `channel ${this.channel} has no template '${wanted}'${hint}`,
    );
  }
}

export interface SenderSettings {
  /** The bulkhead of the channel's messages: maximum concurrent, and maximum waiting. */
  readonly calls: { readonly atOnce: number; readonly queued: number };
}

/** Sends one template with one call, or a second one if the first certainly had no effect. */
export interface TemplateApi {
  /**
   * @param to E.164, or with Cloud API a business-scoped user id
   * @param unless prevents a message that is not yet being sent
   * @param reference comes back with the webhooks of the message, if the API has any
   * @returns the id of the message
   * @throws ConnectionFailedError, ExecutionFailedError if it was not sent; OutcomeUnknownError if it may have been
   */
  send(to: string, template: Template, unless: AbortSignal, reference?: string): Promise<string>;
}

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
    private readonly api: TemplateApi,
    private readonly breaker: Breaker,
    settings: SenderSettings,
    metrics: Metrics,
    /** Of the API, if it has any. */
    private readonly limits?: MessageLimits,
  ) {
    this.#bulkhead = bulkhead(settings.calls.atOnce, settings.calls.queued);
    const help = 'Invitations of a channel by what became of their messages: sent, not_sent or unknown';
    const counter = (outcome: string) => metrics.counter('esp_invitations_total', help, { channel, outcome });
    this.#count = { sent: counter('sent'), not_sent: counter('not_sent'), unknown: counter('unknown') };
  }

  /** @throws as TemplateApi */
  async send(to: string, template: Template, unless: AbortSignal, reference?: string): Promise<string> {
    try {
      const id = await this.#inTurn(to, () => this.api.send(to, template, unless, reference));
      this.#count.sent.inc();
      return id;
    } catch (error) {
      this.#count[error instanceof OutcomeUnknownError ? 'unknown' : 'not_sent'].inc();
      throw error;
    }
  }

  async #inTurn(to: string, post: () => Promise<string>): Promise<string> {
    // Checked before the queue too: no request waits for an API that counts as down.
    this.breaker.check();
    const giveBack = await this.limits?.admit(to);
    try {
      return await this.#bulkhead.execute(async () => {
        await this.limits?.turn();
        return this.breaker.run(post);
      });
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) await giveBack?.();
      if (!(error instanceof BulkheadRejectedError)) throw error;
      const cause = new CallError('not_made', 'the queue of messages is full');
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
  }
}
