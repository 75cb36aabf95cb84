import { ExecutionFailedError, IncorrectParameterError, nearest } from 'esp-host';
import type { ConfiguredChannel, Template, WhatsAppSettings } from './channel-schema.js';
import type { MessageSender } from './message-sender.js';

/** Why a channel of the driver number-plan invites nobody. */
export const SENDS_NOTHING = 'contacts.driver number-plan sends no messages';

export function hasUselessTemplates({ settings }: ConfiguredChannel): boolean {
  const { contacts, invitations } = settings;
  return contacts.driver === 'number-plan' && invitations !== undefined;
}

/** The templates of a channel, by StandardResponseId, and what sends them. */
export class Invitations {
  constructor(
    private readonly channel: string,
    private readonly settings: WhatsAppSettings['invitations'],
    /** Undefined where the channel's driver sends nothing. */
    private readonly sender: MessageSender | undefined,
  ) {}

  /**
   * Sends a template, once.
   * @param to E.164
   * @param id StandardResponseId; undefined: the default
   * @param unless once it has fired, nothing is sent that was not under way
   * @returns the id of the message
   * @throws IncorrectParameterError, ConnectionFailedError, ExecutionFailedError, OutcomeUnknownError
   */
  send(to: string, id: string | undefined, unless: AbortSignal): Promise<string> {
    if (this.sender === undefined) throw new ExecutionFailedError(this.channel, SENDS_NOTHING);
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
    // A wa_id: the digits alone.
    to: to.slice(1),
    type: 'template',
    template: { namespace, name, language, ...(parameters.length === 0 ? {} : { components: [body] }) },
  };
}
