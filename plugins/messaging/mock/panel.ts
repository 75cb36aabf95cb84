import {
  type JournalledCall,
  type Mock,
  type MockContext,
  type MockNotice,
  MockRouteError,
  mockPanel,
  mockRoute,
  z,
} from 'esp-host';
import { cloudRoutes, webhookShape, webhookView } from './cloud/routes.js';
import { callsEveryNumberValid } from './contact-lookup.js';
import { NotE164Error } from './errors.js';
import { CONTACTS } from './http-api.js';
import type { SentMessage } from './outbox.js';
import { phoneRoutes, phoneShape, phonesView } from './phones/routes.js';
import type { WhatsAppMock } from './whatsapp-mock.js';

/** A journal entry. */
export interface Cause {
  readonly id: number;
  readonly referenceId: number | null;
}

/** The edges that take messages, of the On-Premises API and of Cloud API. */
const MESSAGES = /\/(?:marketing_)?messages$/;

/** Maps messages to the journal entries of the requests that sent them, if found. */
export function causesOf(
  messages: readonly SentMessage[],
  calls: readonly JournalledCall[],
): ReadonlyMap<SentMessage, Cause> {
  const causes = new Map<SentMessage, Cause>();
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const call of calls) {
    if (causes.size === messages.length) break;
    if (!MESSAGES.test(call.url)) continue;
    const message =
      call.responseBody === undefined
        ? messages.find((one) => !causes.has(one) && mayHaveSent(call, one))
        : answered(call.responseBody, byId);
    if (message === undefined || causes.has(message)) continue;
    causes.set(message, { id: call.entry, referenceId: call.referenceId });
  }
  return causes;
}

/** The message whose id is in a response, in quotes. */
function answered(response: string, byId: ReadonlyMap<string, SentMessage>): SentMessage | undefined {
  const id = response.split('"').find((text) => byId.has(text));
  return id === undefined ? undefined : byId.get(id);
}

/** Whether a call without a response sent the message: compares number and time. */
function mayHaveSent({ at, durationMs, requestBody = '' }: JournalledCall, message: SentMessage): boolean {
  if (message.at < at || message.at > at + durationMs) return false;
  const recipient = message.to.startsWith('+') ? `"to":"${message.to.slice(1)}"` : `"recipient":"${message.to}"`;
  return requestBody.includes(recipient);
}

const time = () => z.number().describe('milliseconds since 1970');

const entryShape = z.strictObject({ id: z.int(), referenceId: z.int().nullable() });

const call = z.strictObject({
  at: time(),
  method: z.string(),
  path: z.string(),
  contacts: z.array(z.string()).optional(),
  status: z.union([z.int(), z.enum(['reset', 'hang'])]).optional(),
  entry: entryShape.optional().describe('the journal entry of the request that made it'),
});

const answer = z
  .strictObject({
    version: z.string(),
    warning: z.string().optional().describe('Why lookups with this version are unreliable.'),
    registeredNumber: z.string(),
    numbers: z.array(z.string()).describe('the numbers on WhatsApp'),
    tokens: z.array(z.strictObject({ expiresAt: time(), state: z.enum(['valid', 'expired']) })),
    messages: z.array(
      z.strictObject({
        id: z.string(),
        at: time(),
        to: z.string(),
        namespace: z.string(),
        template: z.string(),
        language: z.string(),
        parameters: z.array(z.string()),
        text: z.string().describe('the text with its parameters filled in'),
        entry: entryShape.optional().describe('the journal entry of the request that sent it'),
      }),
    ),
    calls: z.array(call),
    phones: z.array(phoneShape).describe('the phones of customers'),
    webhooks: z.array(webhookShape),
  })
  .meta({ id: 'WhatsApp' });

/** The state of the API client in the admin API. */
export type WhatsAppState = z.output<typeof answer>;

const version = z
  .string({ error: 'must be a version such as 2.41.3' })
  .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3');
const number = z.string({ error: 'must be a phone number such as "+919876543210"' });

/** A number as people write it: `+1 (631) 555-1002`. */
const writtenNumber = number
  .meta({ examples: ['+1 631 555 1002'] })
  .transform((text) => text.replaceAll(/[\s().\-/]/g, ''));

/** Maximum number of calls, and of messages. */
const SHOWN = 200;

/** The versions that Genesys ran: before the contacts endpoint reported every number as valid, and after. */
const RELIABLE = '2.41.3';
export const VERSIONS = [RELIABLE, '2.45.1'];

const CHANGED =
  "From 2.43 on, the contacts endpoint reports every number as valid (Genesys moved from 2.41.3 to 2.45.1). The vendor's advice: remove ValidateContact from strategies that rely on it.";

/** The page of the console with its routes, and what the console shows in every view. */
export function whatsAppPage(
  whatsapp: WhatsAppMock,
  context: MockContext<{ registeredNumber: string }>,
): Required<Pick<Mock, 'panel' | 'notices'>> {
  const shown = () => view(whatsapp, context);
  const change = (work: () => void) => {
    work();
    context.changed();
    return shown();
  };
  const state = mockRoute({
    method: 'GET',
    path: '',
    summary:
      'The state of the WhatsApp Business API client. Messages and calls are listed newest first, tokens without their text.',
    answer,
    handle: shown,
  });
  const setVersion = mockRoute({
    method: 'PUT',
    path: '',
    summary: "Sets the API client's version. From 2.43.0, it reports every number as valid.",
    body: z.strictObject({ version }),
    answer,
    handle: ({ body }) => change(() => whatsapp.setVersion(body.version)),
  });
  const addNumber = mockRoute({
    method: 'POST',
    path: '/numbers',
    summary: 'Adds a number to WhatsApp and clears the lookup cache of the API client.',
    body: z.strictObject({ number: writtenNumber }),
    answer,
    handle: ({ body }) =>
      change(() => {
        withBadRequest(() => whatsapp.directory.add(body.number));
        whatsapp.forgetResults();
      }),
  });
  const removeNumber = mockRoute({
    method: 'DELETE',
    path: '/numbers/:number',
    summary: 'Removes a number from WhatsApp and clears the lookup cache of the API client.',
    params: z.strictObject({ number }),
    answer,
    handle: ({ params }) =>
      change(() => {
        if (!whatsapp.directory.remove(params.number)) {
          throw new MockRouteError(404, `${params.number} is not on WhatsApp`);
        }
        whatsapp.forgetResults();
      }),
  });
  const expireTokens = mockRoute({
    method: 'POST',
    path: '/expire-tokens',
    summary: 'Expires all tokens.',
    answer,
    handle: () => change(() => whatsapp.tokens.expireAll()),
  });
  const phone = phoneRoutes(whatsapp.phones, () => context.changed());
  const cloud = cloudRoutes(whatsapp.cloud, whatsapp.webhooks, () => context.changed());
  const ofPhone = { customer: 'customer' } as const;
  const panel = mockPanel({
    title: 'WhatsApp',
    description: `The mock WhatsApp Business API client, registered as ${context.settings.registeredNumber}.`,
    state,
    sections: [
      {
        title: 'Phones',
        conversations: {
          rows: 'phones',
          title: 'customer',
          messages: 'messages',
          fields: [{ title: 'State', value: 'state', as: 'state', good: ['on'] }],
          actions: [
            { title: 'Read', route: phone.read, row: ofPhone, when: { unread: true } },
            { title: 'Switch off', route: phone.setOff, values: { off: true }, row: ofPhone, when: { off: false } },
            { title: 'Switch on', route: phone.setOff, values: { off: false }, row: ofPhone, when: { off: true } },
            {
              title: 'Block',
              route: phone.setBlocked,
              values: { blocked: true },
              row: ofPhone,
              when: { blocked: false },
            },
            {
              title: 'Unblock',
              route: phone.setBlocked,
              values: { blocked: false },
              row: ofPhone,
              when: { blocked: true },
            },
          ],
          write: { title: 'Write', route: phone.write, row: ofPhone, when: { off: false, blocked: false } },
          choose: {
            title: 'Press',
            route: phone.press,
            row: { ...ofPhone, message: 'message', button: 'choice' },
            when: { off: false, blocked: false },
          },
          empty: 'No customers yet.',
        },
      },
      {
        title: 'Webhooks',
        description: 'What Cloud API tells the host. The fault whatsapp.webhooks delays, repeats or withholds them.',
        table: {
          rows: 'webhooks',
          columns: [
            { title: 'Time', value: 'at', as: 'time' },
            { title: 'Event', value: 'event', as: 'code' },
            { title: 'Customer', value: 'customer' },
            { title: 'State', value: 'state', as: 'state', good: ['handled'] },
            { title: 'Attempts', value: 'attempts' },
            { title: 'Answer', value: 'answer' },
            { title: 'Next attempt', value: 'nextAt', as: 'time' },
          ],
          empty: 'No webhooks yet.',
        },
        actions: [
          { title: 'Release held', route: cloud.release },
          { title: 'Retry now', route: cloud.retry },
          { title: 'Fail next message', route: cloud.failNext },
        ],
      },
      {
        title: 'Version',
        description: CHANGED,
        fields: [
          { title: 'Version', value: 'version' },
          { title: 'Warning', value: 'warning', as: 'warning' },
        ],
        actions: [
          ...VERSIONS.map((one) => ({ title: one, route: setVersion, values: { version: one } })),
          { title: 'Set version', route: setVersion },
        ],
      },
      {
        title: 'Directory',
        table: {
          rows: 'numbers',
          columns: [{ title: 'Number', value: 'value', as: 'code' }],
          actions: [{ title: 'Remove', route: removeNumber, row: { number: 'value' } }],
          search: true,
          empty: 'No numbers yet.',
        },
        actions: [{ title: 'Add number', route: addNumber }],
      },
      {
        title: 'Tokens',
        table: {
          rows: 'tokens',
          columns: [
            { title: 'Expires', value: 'expiresAt', as: 'date' },
            { title: 'State', value: 'state', as: 'state', good: ['valid'] },
          ],
          empty: 'No logins yet.',
        },
        actions: [{ title: 'Expire all', route: expireTokens }],
      },
      {
        title: 'Sent messages',
        table: {
          rows: 'messages',
          columns: [
            { title: 'Time', value: 'at', as: 'time' },
            { title: 'To', value: 'to' },
            { title: 'Template', value: 'template', as: 'code' },
            { title: 'Language', value: 'language' },
            { title: 'Parameters', value: 'parameters' },
            { title: 'Text', value: 'text' },
            { title: 'Request', value: 'entry', as: 'entry' },
            { title: 'Id', value: 'id', as: 'code' },
          ],
          empty: 'No messages yet.',
        },
      },
      {
        title: 'Calls',
        table: {
          rows: 'calls',
          columns: [
            { title: 'Time', value: 'at', as: 'time' },
            { title: 'Method', value: 'method' },
            { title: 'Path', value: 'path', as: 'code' },
            { title: 'Contacts', value: 'contacts' },
            { title: 'Status', value: 'status', as: 'status' },
            { title: 'Request', value: 'entry', as: 'entry' },
          ],
          empty: 'No calls yet.',
        },
      },
    ],
  });
  const notices = (): readonly MockNotice[] =>
    callsEveryNumberValid(whatsapp.version)
      ? [
          {
            title: `version ${whatsapp.version}`,
            effect: 'reports every number as valid',
            off: { title: `Use ${RELIABLE}`, route: setVersion, values: { version: RELIABLE } },
            concerns: ({ path }) => path === CONTACTS,
          },
        ]
      : [];
  return { panel, notices };
}

function view(
  { version, directory, tokens, messages, phones, webhooks }: WhatsAppMock,
  { settings, calls, journal }: MockContext<{ registeredNumber: string }>,
): z.input<typeof answer> {
  const sent = messages.list().slice(-SHOWN).reverse();
  const causes = causesOf(sent, sent.length === 0 ? [] : journal());
  const entries = new Map([...causes].map(([{ id }, entry]) => [id, entry]));
  return {
    version,
    ...(callsEveryNumberValid(version)
      ? { warning: `${version} reports every number as valid, and makes up a wa_id.` }
      : {}),
    registeredNumber: settings.registeredNumber,
    numbers: directory.list(),
    tokens: tokens.list(),
    messages: sent.map((message) => {
      const { id, at, to, namespace, template, language, parameters, text } = message;
      const entry = causes.get(message);
      return {
        ...{ id, at, to, namespace, template, language, text, parameters: [...parameters] },
        ...(entry === undefined ? {} : { entry }),
      };
    }),
    phones: phonesView(phones, directory, entries),
    webhooks: webhooks.list().slice(-SHOWN).reverse().map(webhookView),
    calls: z.array(call).parse(calls().slice(-SHOWN).reverse()),
  };
}

/** Turns a NotE164Error into status 400. */
function withBadRequest(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw error instanceof NotE164Error ? new MockRouteError(400, `body.number: ${error.message}`) : error;
  }
}
