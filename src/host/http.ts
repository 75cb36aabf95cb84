import got, { type Got } from 'got';

/** Longest that a call to an upstream may take where its caller sets nothing. */
const REQUEST_MS = 10_000;

/**
 * The host's HTTP client. It retries nothing by itself: whether a call may be made twice is known only to who makes it.
 */
export const http: Got = got.extend({
  retry: { limit: 0 },
  timeout: { request: REQUEST_MS },
  followRedirect: false,
  headers: { 'user-agent': 'esp-host' },
});
