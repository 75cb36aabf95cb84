import type { MockRequest } from 'esp-host';
import { LRUCache } from 'lru-cache';
import type { EspRequest } from '#wire';

/** The header of a call to a mock that names the ESP request for which the host made the call. */
const HEADER = 'x-esp-host-cause';

/** An ESP request, and the address of its client as the host sees it. */
export interface CausingRequest {
  readonly request: EspRequest;
  readonly client: string;
}

/**
 * Tells which ESP request caused a call to a mock, from a header that the host adds to its calls. Only calls to the mocks
 * of the platform get the header. A call that the host makes for no request, such as one of a timer, has no cause.
 */
export class Causes {
  readonly #ids = new WeakMap<EspRequest, string>();
  /** Does not keep requests in memory: a request that is being handled is referenced by the host. */
  readonly #requests = new LRUCache<string, { readonly request: WeakRef<EspRequest>; readonly client: string }>({
    max: 10_000,
  });
  #last = 0;

  /** @param mocks the URLs of the mocks, which listen on 127.0.0.1; empty for a mock without a server */
  constructor(private readonly mocks: () => readonly string[]) {}

  /** The headers of a call to `url`, made for `request` of `client`. */
  headers(request: EspRequest, url: URL, client: string): Readonly<Record<string, string>> {
    const origin = originOf(url);
    const isMock = this.mocks().some((mock) => URL.parse(mock)?.origin === origin);
    return isMock ? { [HEADER]: this.#idOf(request, client) } : {};
  }

  /** The request that caused a call; undefined if it is unknown, or no longer handled. */
  of({ headers }: MockRequest): CausingRequest | undefined {
    const id = headers[HEADER];
    const found = typeof id === 'string' ? this.#requests.get(id) : undefined;
    const request = found?.request.deref();
    return found === undefined || request === undefined ? undefined : { request, client: found.client };
  }

  #idOf(request: EspRequest, client: string): string {
    const id = this.#ids.get(request) ?? String(++this.#last);
    this.#ids.set(request, id);
    this.#requests.set(id, { request: new WeakRef(request), client });
    return id;
  }
}

/** The origin of a URL, with 127.0.0.1 for localhost. */
function originOf({ protocol, hostname, port, origin }: URL): string {
  if (hostname !== 'localhost') return origin;
  return `${protocol}//127.0.0.1${port === '' ? '' : `:${port}`}`;
}
