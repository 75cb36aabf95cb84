import { z } from 'esp-host';
import {
  type EspMessage,
  type KeyValueEntry,
  KeyValueList,
  listFromJson,
  MessageId,
  messageToJson,
} from 'esp-host/wire';
import { send } from '../../runtime/index.js';
import { type Route, route } from '../route.js';
import { appType, duration, givenEntries, message } from '../schemas.js';
import type { RouteContext } from './context.js';

const body = z.strictObject({
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

const answer = z.union([
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

/** Version, AppName, AppType, Service, Method, Parameters: as the vendor's clients lay a request out. */
function messageOf({
  appName,
  appType: type,
  service,
  method,
  parameters,
  userData,
}: z.output<typeof body>): EspMessage {
  const text = (key: string, value: string): KeyValueEntry => ({ key, type: 'str', value });
  return {
    messageId: MessageId.Request3rdServer,
    referenceId: 0,
    request: new KeyValueList([
      text('Version', '1.0'),
      ...(appName === undefined ? [] : [text('AppName', appName)]),
      ...(typeof type === 'number' ? [{ key: 'AppType', type: 'int', value: type } as const] : []),
      ...(typeof type === 'string' ? [text('AppType', type)] : []),
      text('Service', service),
      text('Method', method),
      { key: 'Parameters', type: 'list', value: listFromJson(parameters) },
    ]),
    userData: userData === undefined ? undefined : listFromJson(userData),
  };
}
