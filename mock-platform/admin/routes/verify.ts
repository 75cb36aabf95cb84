import { z } from 'esp-host';
import { AdminError, PatternError } from '../../errors.js';
import { verify } from '../../journal/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';
import { outcome } from '../summary.js';

const count = z.int().min(0);

const body = z.strictObject({
  service: z.string().exactOptional(),
  method: z.string().exactOptional(),
  application: z.string().exactOptional(),
  appName: z.string().exactOptional(),
  client: z.string().exactOptional(),
  outcome: outcome.exactOptional(),
  faultCode: z.string().exactOptional(),
  text: z.string().exactOptional(),
  parameters: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .exactOptional()
    .describe('Parameters of the request: each a string, a /pattern/, or a number.'),
  since: time().exactOptional(),
  times: count.exactOptional(),
  atLeast: count.exactOptional(),
  atMost: count.exactOptional(),
});

const answer = z.strictObject({
  count: z.int(),
  ok: z.boolean().describe('Whether the count is as expected; by default, at least one.'),
  entries: z.array(z.int()).describe('Entry ids, newest first.'),
});

export const verifyRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/verify',
    summary: 'Checks how many requests match.',
    body,
    answer,
    handle: ({ body: expected }) => {
      try {
        return verify(platform.journal, expected);
      } catch (error) {
        throw error instanceof PatternError ? new AdminError(400, `body.parameters: ${error.message}`) : error;
      }
    },
  }),
];
