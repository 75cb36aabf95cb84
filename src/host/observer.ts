import { AsyncLocalStorage } from 'node:async_hooks';
import { isUtf8 } from 'node:buffer';
import type { Got, Options, RequestError, Response } from 'got';
import { maskCredentials } from '../telemetry/index.js';
import type { EspCall } from './call.js';
import { credentialsIn, failureOf } from './http.js';
import type { EspMethodHandler } from './method.js';

/**
 * A call of an upstream that a method caused, through `call.http` or its plugin's `Http`; one that several requests
 * share belongs to the one that began it. Of the headers there are those alone that say what an answer is or what to do
 * next, and an answer that repeats the request's credentials is shown without them; the URL and the request's body stand
 * as they went, with whatever secrets are in them. Of a request's body there are the first 4 kB, of an answer's 64 kB.
 */
export interface UpstreamCall {
  /** The request that it was made for: its ReferenceId, and the address of its client. */
  readonly referenceId: number | undefined;
  readonly client: string;
  readonly method: string;
  readonly url: string;
  /** Of the answer; undefined where none came. */
  readonly status?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The same in a word: `timeout`, `abandoned`, `too_large`, `error`, or Node's code, such as `ECONNREFUSED`. */
  readonly failure?: string;
  /** In ms since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly requestBody?: string;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  /** `responseBody` is not all of it: it was longer, or it is no text. */
  readonly responseCut?: true;
}

/** Told of what the host does for a request besides answering it. */
export interface HostObserver {
  upstream(call: UpstreamCall): void;
}

const REQUEST_BYTES = 4096;
const RESPONSE_BYTES = 65_536;

/** Headers of answers that carry no secret. */
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

/** Tells an observer of the calls of upstreams, each with the request that it was made for. */
export class Observation {
  /** The request whose handler is at work, also behind its awaits and timers. */
  readonly #current = new AsyncLocalStorage<EspCall>();

  constructor(private readonly observer: HostObserver) {}

  /** The handler, at work for a request that the calls can be told with. */
  handler(handler: EspMethodHandler): EspMethodHandler {
    return { handle: (call) => this.#current.run(call, () => handler.handle(call)) };
  }

  /** `http`, with the observer told of each answer and each failure. */
  http(http: Got): Got {
    const told = new WeakSet<object>();
    const failed = (error: RequestError): void => {
      const { response, options, timings } = error;
      if (response !== undefined && told.has(response)) return;
      const came = response === undefined ? {} : answer(response);
      this.#tell(options, timings, { ...came, error: error.message, failure: failureOf(error) });
    };
    const afterResponse = (response: Response): Response => {
      told.add(response);
      this.#tell(response.request.options, response.timings, answer(response));
      return response;
    };
    const beforeError = <E extends Error>(error: E): E => {
      failed(error as unknown as RequestError);
      return error;
    };
    return http.extend({
      hooks: { afterResponse: [afterResponse], beforeRetry: [failed], beforeError: [beforeError] },
    });
  }

  /** A call that no request caused is told nobody. An observer that fails does not fail the call. */
  #tell(options: Options, timings: Response['timings'] | undefined, came: Came): void {
    const call = this.#current.getStore();
    if (call === undefined) return;
    try {
      this.observer.upstream({ ...sent(call, options, timings), ...came });
    } catch {
      // It has missed a call.
    }
  }
}

type Came = Pick<UpstreamCall, 'status' | 'error' | 'failure' | 'responseHeaders' | 'responseBody' | 'responseCut'>;

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

function answer({ statusCode, headers, rawBody, request: { options } }: Response): Came {
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

function bodyOf(body: Uint8Array, credentials: readonly string[]): Pick<Came, 'responseBody' | 'responseCut'> {
  // Longer than what is shown, so that no part of a credential is left at the end.
  const text = Buffer.from(body.subarray(0, 2 * RESPONSE_BYTES)).toString('utf8');
  const shown = Buffer.from(maskCredentials(text, credentials)).subarray(0, RESPONSE_BYTES).toString('utf8');
  const isWhole = body.length <= RESPONSE_BYTES && isUtf8(body);
  return { responseBody: shown, ...(isWhole ? {} : { responseCut: true }) };
}

const beginning = (body: string | Uint8Array): string =>
  Buffer.from(typeof body === 'string' ? body.slice(0, REQUEST_BYTES) : body.subarray(0, REQUEST_BYTES))
    .subarray(0, REQUEST_BYTES)
    .toString('utf8');
