import { z } from 'esp-host';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { duration, fileProblem, time } from '../schemas.js';

const methods = z.array(z.string()).describe('As Service.Method.');

const applied = z.strictObject({
  kind: z.literal('applied'),
  at: time(),
  durationMs: duration().describe('Milliseconds since the change was detected.'),
  plugins: z
    .array(z.strictObject({ use: z.string(), methods, added: methods, removed: methods }))
    .describe('The plugins that were added, removed, or whose code changed.'),
  configuration: z.boolean().describe('Whether config.yaml, or a file that it names, changed.'),
});

const refused = z.strictObject({
  kind: z.literal('refused'),
  at: time(),
  problems: z.array(fileProblem).describe('What to fix, and where.'),
});

export const answer = z.strictObject({
  following: z
    .boolean()
    .describe('Whether the platform reloads config.yaml and plugins when they change (esp-host dev).'),
  last: z
    .discriminatedUnion('kind', [applied, refused])
    .nullable()
    .describe('The outcome of the last change; null if there was none. A refused change has no effect.'),
});

export const reloadRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'GET',
    path: '/api/reload',
    summary:
      'Whether the platform reloads config.yaml and plugins when they change, and the outcome of the last change.',
    answer,
    handle: () => ({
      following: platform.reloads !== undefined,
      last: (platform.reloads?.last as z.input<typeof answer>['last'] | undefined) ?? null,
    }),
  }),
];
