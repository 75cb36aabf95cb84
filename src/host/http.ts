import got, { type Got } from 'got';
import type { Metrics } from '../telemetry/index.js';
import { upstreamMetrics } from './upstream-metrics.js';

/** Longest that a call to an upstream may take where its caller sets nothing. */
const REQUEST_MS = 10_000;

/**
 * A host's HTTP client. It retries nothing by itself: whether a call may be made twice is known only to who makes it.
 */
export const httpClient = (metrics: Metrics): Got =>
  got.extend({
    retry: { limit: 0 },
    timeout: { request: REQUEST_MS },
    followRedirect: false,
    headers: { 'user-agent': 'esp-host' },
    handlers: [upstreamMetrics(metrics)],
  });
