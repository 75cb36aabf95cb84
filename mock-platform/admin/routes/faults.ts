import { z } from 'esp-host';
import { AdminError, FaultRuleError, notFound } from '../../errors.js';
import { type FaultStatus } from '../../faults/index.js';
import { faultKinds } from '../fault-kinds.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { jsonSchema, time } from '../schemas.js';

const match = z.strictObject({
  service: z.string().optional(),
  method: z.string().optional(),
  appName: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

export const rule = z
  .looseObject({
    id: z.string(),
    kind: z.string(),
    match: match.optional(),
    hits: z.int().describe('How often the fault was applied.'),
    times: z.int().optional().describe('How often to apply the fault; unlimited by default.'),
    title: z.string().describe('The kind and the settings, such as upstreamStatus 503.'),
    since: time().describe('When the fault was added, in milliseconds since 1970.'),
    isUsedUp: z.boolean().describe('Whether the fault was applied as often as times allows.'),
  })
  .meta({ id: 'FaultRule', description: 'An active fault, with the settings of its kind.' });

export const answer = z.strictObject({
  kinds: z.array(
    z.strictObject({
      kind: z.string(),
      description: z.string(),
      match: z.boolean().describe('Whether the fault can select requests with match.'),
      upstream: z
        .boolean()
        .describe('Whether the fault applies to calls to upstreams. Its match selects their causes.'),
      settings: jsonSchema(),
    }),
  ),
  rules: z.array(rule),
});

const newRule = z.looseObject({ kind: z.string({ error: 'must be a fault kind, such as delay' }) });

export function faultRoutes({ platform: { faults } }: RouteContext): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/faults',
      summary: 'The fault kinds and the active faults.',
      answer,
      handle: () => ({ kinds: faultKinds(faults.brought), rules: faults.list().map(view) }),
    }),
    route({
      method: 'POST',
      path: '/api/faults',
      summary: 'Adds a fault: kind, match, times and the settings of its kind.',
      body: newRule,
      answer: rule,
      handle: ({ body }) => {
        try {
          const { id } = faults.add(body);
          return view(faults.list().find(({ rule }) => rule.id === id) as FaultStatus);
        } catch (error) {
          throw error instanceof FaultRuleError ? new AdminError(400, `body: ${error.message}`) : error;
        }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/faults/:id',
      summary: 'Removes a fault.',
      params: z.strictObject({ id: z.string() }),
      handle: ({ params: { id } }) => {
        if (!faults.remove(id)) throw notFound(`unknown fault ${id}; /api/faults lists the active faults`);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/faults',
      summary: 'Removes all faults.',
      handle: () => faults.clear(),
    }),
  ];
}

const view = ({ rule: definition, ...status }: FaultStatus): z.input<typeof rule> => ({ ...definition, ...status });
