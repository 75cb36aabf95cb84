import { ExecutionFailedError, OutcomeUnknownError, z } from 'esp-host';
import type { Template } from '../config/index.js';
import { CallError } from '../errors.js';
import type { TemplateApi } from '../invitations.js';
import type { ApiClient } from './channel-api.js';
import { jsonOrUndefined } from './http.js';
import { hadNoEffect, outcomeOfStatus } from './outcomes.js';

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

/** `POST /v1/messages` of the WhatsApp Business API client. (Meta, On-Premises API reference, Messages) */
const answerSchema = z.object({ messages: z.tuple([z.object({ id: z.string().min(1).max(512) })]).rest(z.unknown()) });

/** The messages of the WhatsApp Business API client, or of a gateway that kept the endpoint. */
export class OnPremisesMessages implements TemplateApi {
  constructor(
    private readonly channel: string,
    private readonly client: ApiClient,
  ) {}

  async send(to: string, template: Template, unless: AbortSignal): Promise<string> {
    const message = templateMessage(to, template);
    const answer = await this.client.post('/v1/messages', message, { repeatable: false, unless });
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
