import got, { type Got, type Options, type RequestError } from 'got';
import { credentialsOf, type Metrics, maskCredentials } from '../telemetry/index.js';
import { upstreamMetrics } from './upstream-metrics.js';

/** Longest that a call to an upstream may take where its caller sets nothing. */
const REQUEST_MS = 10_000;

/** What a call proves itself with. */
export const credentialsIn = ({ headers, url, password }: Options): string[] => [
  password ?? '',
  ...credentialsOf(headers, String(url)),
];

/** An error's text holds the URL, and the words behind the status, which may repeat anything. */
function withoutCredentials<E extends Error>(error: E): E {
  const { options } = error as unknown as RequestError;
  const credentials = options === undefined ? [] : credentialsIn(options);
  error.message = maskCredentials(error.message, credentials);
  error.stack = maskCredentials(error.stack ?? '', credentials);
  return error;
}

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
    hooks: { beforeError: [withoutCredentials] },
  });
