import { z } from 'esp-host';
import { applicationTypeName } from '#wire';
import { addressText } from '../../configuration/index.js';
import { methodsOf } from '../methods.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { jsonSchema, time } from '../schemas.js';

export const answer = z.strictObject({
  application: z.strictObject({ name: z.string(), type: z.int(), typeName: z.string() }),
  addresses: z
    .object({ host: z.string(), interactionServer: z.string(), console: z.string() })
    .catchall(z.string())
    .describe('Includes the upstreams, by name.'),
  startedAt: time(),
  methods: z.array(
    z.strictObject({
      service: z.string(),
      method: z.string(),
      description: z.string().optional(),
      warning: z.string().optional().describe('What to know before using the method.'),
      channelType: z.string().optional().describe('The type of the channel that _umsChannel names.'),
      parameters: jsonSchema(),
      response: jsonSchema(),
      application: z.string(),
    }),
  ),
});

export function statusRoutes({ platform, url }: RouteContext): Route[] {
  const startedAt = Date.now();
  return [
    route({
      method: 'GET',
      path: '/api/status',
      summary: 'The application, its addresses and the available methods.',
      answer,
      handle: () => {
        const { esp, interactionServer, upstreams, prepared } = platform;
        const { name, type } = prepared.application;
        return {
          application: { name, type, typeName: applicationTypeName(type) },
          addresses: {
            host: addressText(esp),
            interactionServer: addressText(interactionServer),
            ...Object.fromEntries(upstreams.map(({ name, url }) => [name, url])),
            console: url(),
          },
          startedAt,
          methods: methodsOf(platform),
        };
      },
    }),
  ];
}
