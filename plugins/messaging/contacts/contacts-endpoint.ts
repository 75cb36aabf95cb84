import { ExecutionFailedError, z } from 'esp-host';
import type { ApiClient } from '../api/channel-api.js';
import { CallError } from '../errors.js';
import type { ContactAnswer, ContactAnswers, ContactsCall } from './contact-lookup.js';

/** `POST /v1/contacts` of the WhatsApp Business API client. (Meta, On-Premises API reference, Contacts) */
const answerSchema = z.object({
  contacts: z.array(z.looseObject({ input: z.string(), status: z.string() })),
  meta: z.object({ version: z.string().max(40).optional().catch(undefined) }).optional(),
});

type Contact = z.output<typeof answerSchema>['contacts'][number];

/** Final statuses. Others, such as `processing`, may change with the next call. */
const FINAL_STATUSES = new Set(['valid', 'invalid', 'failed']);

/** The contacts endpoint of the On-Premises client, or of a gateway that kept it. */
export class ContactsEndpoint implements ContactsCall {
  /** @param unversioned how to treat a client that reports no version */
  constructor(
    private readonly api: ApiClient,
    private readonly channel: string,
    private readonly unversioned: 'old' | 'new',
  ) {}

  async lookUpAll(numbers: readonly string[]): Promise<ContactAnswers> {
    const body = { blocking: 'wait', contacts: numbers, force_check: false };
    const result = answerSchema.safeParse(await this.api.postForJson('/v1/contacts', body, { repeatable: true }));
    if (!result.success) throw this.#badAnswer(z.prettifyError(result.error));
    const { contacts, meta } = result.data;
    const unreliable = callsEveryNumberValid(meta?.version) ?? this.unversioned === 'new';
    const about = { unreliable, version: meta?.version, knownSince: Date.now() };
    return new Map(contacts.map((contact) => [contact.input, this.#answer(contact, about)]));
  }

  #answer({ status, wa_id: waId }: Contact, about: Omit<ContactAnswer, 'number'>): ContactAnswer | Error {
    if (status !== 'valid') {
      return { ...about, number: undefined, knownSince: FINAL_STATUSES.has(status) ? about.knownSince : undefined };
    }
    if (typeof waId === 'string' && /^\d{1,20}$/.test(waId)) return { ...about, number: `+${waId}` };
    return this.#badAnswer('a valid contact has no wa_id');
  }

  #badAnswer(why: string): ExecutionFailedError {
    const cause = new CallError('answered', why);
    return new ExecutionFailedError(this.channel, 'the answer is not that of a contacts endpoint', { cause });
  }
}

/** The first version whose contacts endpoint calls every number valid. (Meta, On-Premises API changelog) */
const ALWAYS_VALID_SINCE = [2, 43] as const;

/** Whether a client of this version calls every number valid, or undefined if the text is not a version. */
export function callsEveryNumberValid(version: string | undefined): boolean | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version ?? '');
  if (match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [sinceMajor, sinceMinor] = ALWAYS_VALID_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
