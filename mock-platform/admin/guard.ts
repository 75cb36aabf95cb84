import type { IncomingHttpHeaders } from 'node:http';

/** Loopback names. A request to any other name may be DNS rebinding. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** Why a request is rejected: it is cross-site, or names another host. Undefined if it is allowed. */
export function refusal({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | undefined {
  if (!LOOPBACK.test(host)) {
    return `Host: ${host} is not a loopback name; use 127.0.0.1 or localhost`;
  }
  const otherOrigin = origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`;
  const otherSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (otherOrigin || otherSite) return 'cross-site requests are rejected; use the console or a program';
  return undefined;
}
