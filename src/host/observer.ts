import { AsyncLocalStorage } from 'node:async_hooks';
import type { Got, Options, RequestError, Response } from 'got';
import { maskCredentials } from '../telemetry/index.js';
import type { EspCall } from './call.js';
import { credentialsIn } from './http.js';
import type { EspMethodHandler } from './method.js';

/**
 * A call of an upstream that a method caused, through `call.http` or its plugin's `Http`; one that several requests
 * share belongs to the one that began it. Headers are left out, and an answer that repeats the request's credentials is
 * shown without them; the URL and the request's body stand as they went, bodies cut at 4 kB, with whatever secrets are in
 * them.
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
  /** In ms since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly requestBody?: string;
  readonly responseBody?: string;
}

/** Told of what the host does for a request besides answering it. */
export interface HostObserver {
  upstream(call: UpstreamCall): void;
}

const SHOWN_BYTES = 4096;

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
      this.#tell(options, timings, { ...came, error: error.message });
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

  /** A call that no request caused is told nobody. */
  #tell(options: Options, timings: Response['timings'] | undefined, came: Came): void {
    const call = this.#current.getStore();
    if (call !== undefined) this.observer.upstream({ ...sent(call, options, timings), ...came });
  }
}

type Came = Pick<UpstreamCall, 'status' | 'responseBody' | 'error'>;

function sent(call: EspCall, { method, url, body }: Options, timings: Response['timings'] | undefined) {
  const startedAt = timings?.start ?? Date.now();
  return {
    referenceId: call.request.referenceId,
    client: call.client,
    method,
    url: String(url),
    startedAt,
    durationMs: timings?.phases.total ?? Date.now() - startedAt,
    ...(typeof body === 'string' || body instanceof Uint8Array ? { requestBody: shown(body) } : {}),
  };
}

function answer({ statusCode, rawBody, request: { options } }: Response): Came {
  const status = { status: statusCode };
  if (rawBody === undefined || rawBody.length === 0) return status;
  // Longer than what is shown, so that no part of a credential is left at the end.
  const body = Buffer.from(rawBody.subarray(0, 2 * SHOWN_BYTES)).toString('utf8');
  return { ...status, responseBody: shown(maskCredentials(body, credentialsIn(options))) };
}

const shown = (body: string | Uint8Array): string =>
  Buffer.from(typeof body === 'string' ? body.slice(0, SHOWN_BYTES) : body.subarray(0, SHOWN_BYTES))
    .subarray(0, SHOWN_BYTES)
    .toString('utf8');
