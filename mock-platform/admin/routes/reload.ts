import { z } from 'esp-host';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { duration, time } from '../schemas.js';

const methods = z.array(z.string()).describe('Service.Method');

const applied = z.strictObject({
  kind: z.literal('applied'),
  at: time(),
  durationMs: duration().describe('milliseconds from when the change was seen'),
  plugins: z
    .array(z.strictObject({ use: z.string(), methods, added: methods, removed: methods }))
    .describe('those whose code was swapped, came or went'),
  configuration: z.boolean().describe('whether config.yaml, or a file that it names, says something else'),
});

const refused = z.strictObject({
  kind: z.literal('refused'),
  at: time(),
  problems: z
    .array(
      z.strictObject({
        code: z.string().optional().describe('ESP_CONFIG_..., where a configuration file is wrong'),
        file: z.string(),
        line: z.int(),
        column: z.int(),
        message: z.string(),
      }),
    )
    .describe('what is to be corrected, and where'),
});

export const answer = z.strictObject({
  following: z.boolean().describe('whether changes of config.yaml and of plugins are taken over (esp-host dev)'),
  last: z
    .discriminatedUnion('kind', [applied, refused])
    .nullable()
    .describe('how the last change went; after a refused one what ran before runs on; null: nothing has changed'),
});

export const reloadRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'GET',
    path: '/api/reload',
    summary: 'Whether changes of config.yaml and of plugins are taken over, and how the last one went.',
    answer,
    handle: () => ({
      following: platform.reloads !== undefined,
      last: (platform.reloads?.last as z.input<typeof answer>['last'] | undefined) ?? null,
    }),
  }),
];
