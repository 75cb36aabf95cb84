import { z } from 'esp-host';
import type { Parts } from '../../parts.js';
import { NotE164Error } from '../../whatsapp/index.js';
import { AdminError, notFound } from '../admin-error.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';
import type { RouteContext } from './context.js';

const answer = z
  .strictObject({
    version: z.string(),
    registeredNumber: z.string(),
    numbers: z.array(z.string()).describe('those that are on WhatsApp'),
    tokens: z.array(z.strictObject({ expiresAt: time(), state: z.enum(['valid', 'expired']) })),
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

const CALLS = 200;

export function whatsAppRoutes({ parts, changed }: RouteContext): Route[] {
  const { whatsapp } = parts;
  const change = (work: () => void) => {
    work();
    changed('whatsapp');
    return view(parts);
  };
  return [
    route({
      method: 'GET',
      path: '/api/whatsapp',
      summary:
        'The WhatsApp Business API client: who is on WhatsApp, tokens without their text, and calls, newest first.',
      answer,
      handle: () => view(parts),
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
      summary: 'Puts a number on WhatsApp.',
      body: z.strictObject({ number }),
      answer,
      handle: ({ body }) => change(() => refusing(() => whatsapp.directory.add(body.number))),
    }),
    route({
      method: 'DELETE',
      path: '/api/whatsapp/numbers/:number',
      summary: 'Takes a number off WhatsApp.',
      params: z.strictObject({ number }),
      answer,
      handle: ({ params }) =>
        change(() => {
          if (!whatsapp.directory.remove(params.number)) throw notFound(`${params.number} is not on WhatsApp`);
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

function view({ whatsapp, world }: Parts): z.input<typeof answer> {
  const { directory, tokens, calls } = whatsapp;
  return {
    version: whatsapp.version,
    registeredNumber: world.whatsapp.registeredNumber,
    numbers: directory.list(),
    tokens: tokens.list(),
    calls: calls
      .list()
      .slice(-CALLS)
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
