import type { IncomingHttpHeaders } from 'node:http';

/** Names that this machine alone has for itself: another name leads here by somebody's DNS. */
const OWN = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** Why a request is not served: it came from another site's page, or under a foreign name. Undefined: it is. */
export function refusal({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | undefined {
  if (!OWN.test(host)) {
    return `Host: ${host} is not this machine's own name: use 127.0.0.1 or localhost`;
  }
  const foreign = origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`;
  const otherSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreign || otherSite) return 'requests of other sites are refused: open the console, or ask from a program';
  return undefined;
}
