import { ExecutionFailedError, z } from 'esp-host';
import type { ApiClient } from '../api/api-client.js';
import { callsEveryNumberValid } from './api-version.js';
import type { ContactAnswer, ContactAnswers, ContactsCall } from './contact-lookup.js';

/** `POST /v1/contacts` of the WhatsApp Business API client. (Meta, On-Premises API reference, Contacts) */
const answerSchema = z.object({
  contacts: z.array(z.looseObject({ input: z.string(), status: z.string() })),
  meta: z.object({ version: z.string().max(40).optional().catch(undefined) }).optional(),
});

type Contact = z.output<typeof answerSchema>['contacts'][number];

const WRONG = 'the answer is not that of a contacts endpoint';

/** Statuses that hold; any other, such as `processing`, may be another one with the next call. */
const LASTING = new Set(['valid', 'invalid', 'failed']);

/** Asks the contacts endpoint, of the On-Premises client or of a gateway that kept it. */
export class ContactsEndpoint implements ContactsCall {
  /** @param unversioned what a client that tells no version counts as */
  constructor(
    private readonly api: ApiClient,
    private readonly channel: string,
    private readonly unversioned: 'old' | 'new',
  ) {}

  async lookUpAll(numbers: readonly string[]): Promise<ContactAnswers> {
    const body = { blocking: 'wait', contacts: numbers, force_check: false };
    // A lookup may be repeated: it changes nothing.
    const result = answerSchema.safeParse(await this.api.post('/v1/contacts', body, { repeatable: true }));
    if (!result.success) {
      throw new ExecutionFailedError(this.channel, WRONG, { cause: new Error(z.prettifyError(result.error)) });
    }
    const { contacts, meta } = result.data;
    const unreliable = callsEveryNumberValid(meta?.version) ?? this.unversioned === 'new';
    const about = { unreliable, version: meta?.version, knownSince: Date.now() };
    return new Map(contacts.map((contact) => [contact.input, this.#answer(contact, about)]));
  }

  #answer({ status, wa_id: waId }: Contact, about: Omit<ContactAnswer, 'number'>): ContactAnswer | Error {
    if (status !== 'valid') {
      return { ...about, number: undefined, knownSince: LASTING.has(status) ? about.knownSince : undefined };
    }
    if (typeof waId === 'string' && /^\d{1,20}$/.test(waId)) return { ...about, number: `+${waId}` };
    return new ExecutionFailedError(this.channel, WRONG, { cause: new Error(`a contact that is valid has no wa_id`) });
  }
}
