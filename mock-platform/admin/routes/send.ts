import { z } from 'esp-host';
import { requestOf } from 'esp-host/client';
import { type EspMessage, listFromJson, messageToJson } from 'esp-host/wire';
import { send } from '../../runtime/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { appType, duration, givenEntries, message } from '../schemas.js';

export const body = z.strictObject({
  to: z.enum(['host', 'interaction-server']),
  appName: z.string().optional(),
  appType: appType.optional(),
  service: z.string(),
  method: z.string(),
  parameters: givenEntries.default([]),
  userData: givenEntries.optional(),
  timeoutMs: z.int().min(1).max(0x7fffffff).default(15_000),
});

const entry = z.int().optional().describe('of the journal');

export const answer = z.union([
  z.strictObject({ durationMs: duration(), entry, reply: message }),
  z.strictObject({ durationMs: duration(), entry, error: z.string() }),
]);

export const sendRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/send',
    summary: 'Sends a request as an ESP client does, and waits for its answer.',
    body,
    answer,
    handle: async ({ body: asked }) => {
      const began = performance.now();
      try {
        const sent = await send(platform, asked.to, messageOf(asked), asked.timeoutMs);
        const durationMs = performance.now() - began;
        return 'reply' in sent ? { durationMs, ...sent, reply: messageToJson(sent.reply) } : { durationMs, ...sent };
      } catch (error) {
        return { durationMs: performance.now() - began, error: (error as Error).message };
      }
    },
  }),
];

function messageOf({
  parameters,
  userData,
  appName,
  appType: type,
  service,
  method,
}: z.output<typeof body>): EspMessage {
  return requestOf({
    service,
    method,
    ...(appName === undefined ? {} : { appName }),
    ...(type === undefined ? {} : { appType: type }),
    parameters: listFromJson(parameters),
    ...(userData === undefined ? {} : { userData: listFromJson(userData) }),
  });
}
