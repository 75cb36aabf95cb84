import { type JournalledCall, type MockContext, type MockRoute, MockRouteError, mockRoute, z } from 'esp-host';
import { NotE164Error } from './errors.js';
import type { SentMessage } from './outbox.js';
import type { WhatsAppMock } from './whatsapp-mock.js';

/** A request of the journal. */
export interface Cause {
  readonly id: number;
  readonly referenceId: number | null;
}

/** The requests that messages were sent for, where the journal tells. */
export function causesOf(
  messages: readonly SentMessage[],
  calls: readonly JournalledCall[],
): ReadonlyMap<SentMessage, Cause> {
  const causes = new Map<SentMessage, Cause>();
  if (messages.length === 0) return causes;
  for (const call of calls.filter(({ url }) => url.endsWith('/v1/messages'))) {
    const message = messages.find((one) => !causes.has(one) && sent(call, one));
    if (message !== undefined) causes.set(message, { id: call.entry, referenceId: call.referenceId });
  }
  return causes;
}

/** Whether this call sent the message: by the id in its answer, and where that was lost, by number and time. */
function sent({ at, durationMs, requestBody = '', responseBody }: JournalledCall, message: SentMessage): boolean {
  if (responseBody !== undefined) return responseBody.includes(`"${message.id}"`);
  const meanwhile = message.at >= at && message.at <= at + durationMs;
  return meanwhile && requestBody.includes(`"to":"${message.to.slice(1)}"`);
}

const time = () => z.number().describe('milliseconds since 1970');

const call = z.strictObject({
  at: time(),
  method: z.string(),
  path: z.string(),
  contacts: z.array(z.string()).optional(),
  status: z.union([z.int(), z.enum(['reset', 'hang'])]).optional(),
});

const answer = z
  .strictObject({
    version: z.string(),
    registeredNumber: z.string(),
    numbers: z.array(z.string()).describe('those that are on WhatsApp'),
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
        text: z.string().describe('what the customer reads'),
        entry: z
          .strictObject({ id: z.int(), referenceId: z.int().nullable() })
          .optional()
          .describe('of the journal: the request that it was sent for'),
      }),
    ),
    calls: z.array(call),
  })
  .meta({ id: 'WhatsApp' });

/** What the admin API tells about the API client. */
export type WhatsAppState = z.output<typeof answer>;

const version = z
  .string({ error: 'must be a version such as 2.41.3' })
  .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3');
const number = z.string({ error: 'must be a phone number such as "+919876543210"' });

/** Of calls, and of messages. */
const SHOWN = 200;

export function whatsAppRoutes(
  whatsapp: WhatsAppMock,
  context: MockContext<{ registeredNumber: string }>,
): MockRoute[] {
  const shown = () => view(whatsapp, context);
  const change = (work: () => void) => {
    work();
    context.changed();
    return shown();
  };
  return [
    mockRoute({
      method: 'GET',
      path: '',
      summary:
        'The WhatsApp Business API client: who is on WhatsApp, tokens without their text, messages and calls, newest first.',
      answer,
      handle: shown,
    }),
    mockRoute({
      method: 'PUT',
      path: '',
      summary: "Sets the API client's version; from 2.43.0 on it calls every number valid.",
      body: z.strictObject({ version }),
      answer,
      handle: ({ body }) => change(() => whatsapp.setVersion(body.version)),
    }),
    mockRoute({
      method: 'POST',
      path: '/numbers',
      summary: 'Puts a number on WhatsApp; what the API client remembers of lookups is forgotten.',
      body: z.strictObject({ number }),
      answer,
      handle: ({ body }) =>
        change(() => {
          refusing(() => whatsapp.directory.add(body.number));
          whatsapp.forgetResults();
        }),
    }),
    mockRoute({
      method: 'DELETE',
      path: '/numbers/:number',
      summary: 'Takes a number off WhatsApp; what the API client remembers of lookups is forgotten.',
      params: z.strictObject({ number }),
      answer,
      handle: ({ params }) =>
        change(() => {
          if (!whatsapp.directory.remove(params.number)) {
            throw new MockRouteError(404, `${params.number} is not on WhatsApp`);
          }
          whatsapp.forgetResults();
        }),
    }),
    mockRoute({
      method: 'POST',
      path: '/expire-tokens',
      summary: 'Makes every token an expired one.',
      answer,
      handle: () => change(() => whatsapp.tokens.expireAll()),
    }),
  ];
}

function view(
  { version, directory, tokens, messages }: WhatsAppMock,
  { settings, calls, journal }: MockContext<{ registeredNumber: string }>,
): z.input<typeof answer> {
  const sent = messages.list().slice(-SHOWN).reverse();
  const causes = causesOf(sent, journal());
  return {
    version,
    registeredNumber: settings.registeredNumber,
    numbers: directory.list(),
    tokens: tokens.list(),
    messages: sent.map((message) => {
      const entry = causes.get(message);
      return { ...message, parameters: [...message.parameters], ...(entry === undefined ? {} : { entry }) };
    }),
    calls: z.array(call).parse(calls().slice(-SHOWN).reverse()),
  };
}

function refusing(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw error instanceof NotE164Error ? new MockRouteError(400, `body.number: ${error.message}`) : error;
  }
}
