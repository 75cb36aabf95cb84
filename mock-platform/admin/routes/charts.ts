import { z } from 'esp-host';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { duration, time } from '../schemas.js';

const ms = () => duration().nullable();

export const answer = z.strictObject({
  bucketMs: z.int(),
  buckets: z
    .array(
      z.strictObject({
        at: time(),
        count: z.int(),
        responses: z.int(),
        faults: z.int(),
        lost: z.int(),
        none: z.int(),
        p50Ms: ms(),
        p95Ms: ms(),
        maxMs: ms(),
      }),
    )
    .describe('Oldest first.'),
});

export const chartRoutes = ({ platform: { charts } }: RouteContext): Route[] => [
  route({
    method: 'GET',
    path: '/api/charts',
    summary: 'Counts, outcomes and durations of the exchanges of the last 15 minutes.',
    answer,
    handle: () => ({ bucketMs: charts.bucketMs, buckets: charts.buckets().map((bucket) => ({ ...bucket })) }),
  }),
];
