import { z } from 'esp-host';
import { type EspMessage, listFromJson, messageToJson, requestOf } from '#wire';
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

const entry = z.int().optional().describe('The id of the journal entry.');

export const answer = z.union([
  z.strictObject({ durationMs: duration(), entry, reply: message }),
  z.strictObject({ durationMs: duration(), entry, error: z.string() }),
]);

export const sendRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/send',
    summary: 'Sends a request as an ESP client, and waits for the reply.',
    body,
    answer,
    handle: async ({ body: input }) => {
      const start = performance.now();
      try {
        const sent = await send(platform, input.to, messageOf(input), input.timeoutMs);
        const durationMs = performance.now() - start;
        return 'reply' in sent ? { durationMs, ...sent, reply: messageToJson(sent.reply) } : { durationMs, ...sent };
      } catch (error) {
        return { durationMs: performance.now() - start, error: (error as Error).message };
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
