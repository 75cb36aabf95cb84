import { z } from 'esp-host';
import type { RunningPlatform } from '../../runtime/index.js';
import { NotE164Error } from '../../whatsapp/index.js';
import { AdminError, notFound } from '../admin-error.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';
import type { RouteContext } from './context.js';
import { causesOf } from './message-causes.js';

export const answer = z
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
    calls: z.array(
      z.strictObject({
        at: time(),
        method: z.string(),
        path: z.string(),
        contacts: z.array(z.string()).optional(),
        status: z.union([z.int(), z.enum(['reset', 'hang'])]).optional(),
      }),
    ),
  })
  .meta({ id: 'WhatsApp' });

const version = z
  .string({ error: 'must be a version such as 2.41.3' })
  .regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 2.41.3');
const number = z.string({ error: 'must be a phone number such as "+919876543210"' });

/** Of calls, and of messages. */
const SHOWN = 200;

export function whatsAppRoutes({ platform, changed }: RouteContext): Route[] {
  const { whatsapp } = platform;
  const change = (work: () => void) => {
    work();
    changed('whatsapp');
    return view(platform);
  };
  return [
    route({
      method: 'GET',
      path: '/api/whatsapp',
      summary:
        'The WhatsApp Business API client: who is on WhatsApp, tokens without their text, messages and calls, newest first.',
      answer,
      handle: () => view(platform),
    }),
    route({
      method: 'PUT',
      path: '/api/whatsapp',
      summary: "Sets the API client's version; from 2.43.0 on it calls every number valid.",
      body: z.strictObject({ version }),
      answer,
      handle: ({ body }) => change(() => whatsapp.setVersion(body.version)),
    }),
    route({
      method: 'POST',
      path: '/api/whatsapp/numbers',
      summary: 'Puts a number on WhatsApp; what the API client remembers of lookups is forgotten.',
      body: z.strictObject({ number }),
      answer,
      handle: ({ body }) =>
        change(() => {
          refusing(() => whatsapp.directory.add(body.number));
          whatsapp.forgetResults();
        }),
    }),
    route({
      method: 'DELETE',
      path: '/api/whatsapp/numbers/:number',
      summary: 'Takes a number off WhatsApp; what the API client remembers of lookups is forgotten.',
      params: z.strictObject({ number }),
      answer,
      handle: ({ params }) =>
        change(() => {
          if (!whatsapp.directory.remove(params.number)) throw notFound(`${params.number} is not on WhatsApp`);
          whatsapp.forgetResults();
        }),
    }),
    route({
      method: 'POST',
      path: '/api/whatsapp/expire-tokens',
      summary: 'Makes every token an expired one.',
      answer,
      handle: () => change(() => whatsapp.tokens.expireAll()),
    }),
  ];
}

function view({ whatsapp, world, journal }: RunningPlatform): z.input<typeof answer> {
  const { directory, tokens, calls, messages } = whatsapp;
  const sent = messages.list().slice(-SHOWN).reverse();
  const causes = causesOf(sent, journal);
  return {
    version: whatsapp.version,
    registeredNumber: world.whatsapp.registeredNumber,
    numbers: directory.list(),
    tokens: tokens.list(),
    messages: sent.map((message) => {
      const entry = causes.get(message);
      return { ...message, parameters: [...message.parameters], ...(entry === undefined ? {} : { entry }) };
    }),
    calls: calls
      .list()
      .slice(-SHOWN)
      .reverse()
      .map(({ at, method, path, contacts, status }) => ({
        at,
        method,
        path,
        ...(contacts === undefined ? {} : { contacts: [...contacts] }),
        ...(status === undefined ? {} : { status }),
      })),
  };
}

function refusing(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw error instanceof NotE164Error ? new AdminError(400, `body.number: ${error.message}`) : error;
  }
}
