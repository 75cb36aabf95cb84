import { AsyncLocalStorage } from 'node:async_hooks';
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import {
  AbortError,
  type BeforeRequestHook,
  type Got,
  type HandlerFunction,
  type Options,
  RequestError,
  type Response,
} from 'got';
import type { EspFault, EspRequest } from '../esp/index.js';
import { maskCredentials } from '../telemetry/index.js';
import type { EspCall } from './call.js';
import { credentialsIn, failureOf } from './http.js';
import type { EspMethodHandler } from './method.js';

/**
 * A call to an upstream that a method made, through `call.http` or its plugin's `Http`. A call that several requests share
 * belongs to the one that started it. Has the first 4 kB of the request's body and 64 kB of the answer's, and only headers
 * of the answer that carry no secret. Credentials that the answer repeats are masked. The URL and the request's body are
 * as sent, with any secrets in them.
 */
export interface UpstreamCall {
  /** The ReferenceId of the ESP request. */
  readonly referenceId: number | undefined;
  /** The address of the client of the ESP request. */
  readonly client: string;
  readonly method: string;
  readonly url: string;
  /** The status of the answer; undefined if none came. */
  readonly status?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The same in one word: `timeout`, `abandoned`, `too_large`, `error`, or Node's code, such as `ECONNREFUSED`. */
  readonly failure?: string;
  /** In ms since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly requestBody?: string;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  /** Set if `responseBody` is not the whole body: it was longer, or is not text. */
  readonly responseCut?: true;
}

/** Receives what the host does for a request besides answering it. */
export interface HostObserver {
  upstream(call: UpstreamCall): void;
  /** Called after a fault was sent. @param client the address of the client @default none */
  faulted?(request: EspRequest, client: string, fault: EspFault): void;
  /**
   * Returns headers for a call to an upstream that a method makes for `request`, and for each retry and redirect.
   * @param client the address of the client of `request`
   * @default none
   */
  headers?(request: EspRequest, url: URL, client: string): Readonly<Record<string, string>>;
  /** @default none */
  readonly webhooks?: WebhookObserver;
}

/** A webhook whose events are stored. */
export interface StoredWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The ids of its events. */
  readonly ids: readonly string[];
  /** Those that are not duplicates. */
  readonly fresh: readonly string[];
}

/** Follows webhooks until they have had their effect. Must not throw. */
export interface WebhookObserver {
  /** Called before any of the fresh events is handled, and before the webhook is answered. */
  stored(webhook: StoredWebhook): void;
  /** An event was handled, and what it wrote to the state is committed. */
  handled(path: string, id: string): void;
}

const REQUEST_BYTES = 4096;
const RESPONSE_BYTES = 65_536;

/** Headers that carry no secret. */
const SHOWN_HEADERS = [
  'cache-control',
  'content-language',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'retry-after',
];

/** Reports calls to upstreams to an observer, each with the ESP request that it was made for. */
export class Observation {
  /** The call whose handler is running, across its awaits and timers. */
  readonly #current = new AsyncLocalStorage<EspCall>();

  /** The names of the headers that the observer added, in lower case as in the options of got. */
  readonly #added = new Set<string>();

  constructor(private readonly observer: HostObserver) {}

  /** A handler whose calls to upstreams are reported with its ESP request. */
  handler(handler: EspMethodHandler): EspMethodHandler {
    return { handle: (call) => this.#current.run(call, () => handler.handle(call)) };
  }

  /** A client that reports each answer and each failure. */
  http(http: Got): Got {
    const reported = new WeakSet<object>();
    const failed = (error: RequestError): void => {
      const { response, options, timings } = error;
      if (response !== undefined && reported.has(response)) return;
      const result = response === undefined ? {} : answer(response);
      this.#report(options, timings, { ...result, error: error.message, failure: failureOf(error) });
    };
    const afterResponse = (response: Response): Response => {
      reported.add(response);
      this.#report(response.request.options, response.timings, answer(response));
      return response;
    };
    const beforeError = <E extends Error>(error: E): E => {
      if (error instanceof RequestError) failed(error);
      return error;
    };
    // got calls no hook for a call that was aborted.
    const reportAborted: HandlerFunction = (options, next) => {
      const result = next(options);
      if (!options.isStream) {
        Promise.resolve(result).catch((error: unknown) => {
          if (error instanceof AbortError) failed(error);
        });
      }
      return result;
    };
    const addHeaders: BeforeRequestHook = ({ headers, url }) => this.#addHeaders(headers, url);
    const beforeRequest = this.observer.headers === undefined ? [] : [addHeaders];
    return http.extend({
      handlers: [reportAborted],
      hooks: { beforeRequest, afterResponse: [afterResponse], beforeRetry: [failed], beforeError: [beforeError] },
    });
  }

  /**
   * Replaces the headers that the observer added before: the options of a retry or redirect have them, and its URL may
   * differ. Ignores calls that belong to no ESP request. An error of the observer does not fail the call.
   */
  #addHeaders(headers: Options['headers'], url: string | URL | undefined): void {
    for (const name of this.#added) delete headers[name];
    const call = this.#current.getStore();
    if (call === undefined || url === undefined) return;
    try {
      for (const [key, value] of Object.entries(
        this.observer.headers?.(call.request, new URL(url), call.client) ?? {},
      )) {
        const name = key.toLowerCase();
        this.#added.add(name);
        headers[name] = value;
      }
    } catch {
      // The call goes without these headers.
    }
  }

  /** Ignores calls that belong to no ESP request. An error of the observer does not fail the call. */
  #report(options: Options, timings: Response['timings'] | undefined, result: Result): void {
    const call = this.#current.getStore();
    if (call === undefined) return;
    try {
      this.observer.upstream({ ...sent(call, options, timings), ...result });
    } catch {
      // The observer misses this call.
    }
  }
}

type Result = Pick<UpstreamCall, 'status' | 'error' | 'failure' | 'responseHeaders' | 'responseBody' | 'responseCut'>;

function sent(call: EspCall, { method, url, body }: Options, timings: Response['timings'] | undefined) {
  const startedAt = timings?.start ?? Date.now();
  return {
    referenceId: call.request.referenceId,
    client: call.client,
    method,
    url: String(url),
    startedAt,
    durationMs: timings?.phases.total ?? Date.now() - startedAt,
    ...(typeof body === 'string' || body instanceof Uint8Array ? { requestBody: beginning(body) } : {}),
  };
}

function answer({ statusCode, headers, rawBody, request: { options } }: Response): Result {
  const credentials = credentialsIn(options);
  const shown = SHOWN_HEADERS.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, maskCredentials(String(value), credentials)]];
  });
  return {
    status: statusCode,
    ...(shown.length === 0 ? {} : { responseHeaders: Object.fromEntries(shown) }),
    ...(rawBody === undefined || rawBody.length === 0 ? {} : bodyOf(rawBody, credentials)),
  };
}

function bodyOf(body: Uint8Array, credentials: readonly string[]): Pick<Result, 'responseBody' | 'responseCut'> {
  // Masks more than is kept, so that no part of a credential remains at the end.
  const text = Buffer.from(body.subarray(0, 2 * RESPONSE_BYTES)).toString('utf8');
  const shown = Buffer.from(maskCredentials(text, credentials)).subarray(0, RESPONSE_BYTES).toString('utf8');
  const isWhole = body.length <= RESPONSE_BYTES && isUtf8(body);
  return { responseBody: shown, ...(isWhole ? {} : { responseCut: true }) };
}

const beginning = (body: string | Uint8Array): string =>
  Buffer.from(typeof body === 'string' ? body.slice(0, REQUEST_BYTES) : body.subarray(0, REQUEST_BYTES))
    .subarray(0, REQUEST_BYTES)
    .toString('utf8');
