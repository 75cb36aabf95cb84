import { ExecutionFailed, type Got, z } from 'esp-host';
import type { ApiClient } from '../api/api-client.js';
import { callsEveryNumberValid } from './api-version.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** `POST /v1/contacts` of the WhatsApp Business API client. (Meta, On-Premises API reference, Contacts) */
const answerSchema = z.object({
  contacts: z.array(
    z.union([
      z.object({ input: z.string(), status: z.literal('valid'), wa_id: z.string().regex(/^\d+$/) }),
      z.object({ input: z.string(), status: z.string().refine((status) => status !== 'valid') }),
    ]),
  ),
  meta: z.object({ version: z.string().optional().catch(undefined) }).optional(),
});

type Answer = z.output<typeof answerSchema>;

/** Asks the contacts endpoint, of the On-Premises client or of a gateway that kept it. */
export class ContactsEndpoint implements ContactLookup {
  /** @param unversioned what a client that tells no version counts as */
  constructor(
    private readonly api: ApiClient,
    private readonly channel: string,
    private readonly unversioned: 'old' | 'new',
  ) {}

  async lookUp(number: string, http: Got): Promise<ContactAnswer> {
    const body = { blocking: 'wait', contacts: [number], force_check: false };
    // A lookup may be repeated: it changes nothing.
    const answer = this.#checked(await this.api.post('/v1/contacts', body, http, { repeatable: true }));
    const contact = answer.contacts.find(({ input }) => input === number);
    if (contact === undefined) throw new ExecutionFailed(this.channel, 'the number is not in the answer');
    const version = answer.meta?.version;
    const unreliable = callsEveryNumberValid(version) ?? this.unversioned === 'new';
    return { waId: 'wa_id' in contact ? contact.wa_id : undefined, unreliable, version };
  }

  close(): void {
    this.api.close();
  }

  #checked(json: unknown): Answer {
    const result = answerSchema.safeParse(json);
    if (result.success) return result.data;
    throw new ExecutionFailed(this.channel, 'the answer is not that of a contacts endpoint', {
      cause: new Error(z.prettifyError(result.error)),
    });
  }
}
