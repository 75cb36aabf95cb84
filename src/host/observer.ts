import type { Got, Options, RequestError, Response } from 'got';

/**
 * A call of an upstream that a method made through `call.http`. Headers are left out; bodies and the URL stand as they
 * went, cut at 4 kB, with whatever secrets are in them.
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

/** The call that an upstream is called for. */
export interface ObservedCall {
  readonly request: { readonly referenceId: number | undefined };
  readonly client: string;
}

const SHOWN_BYTES = 4096;

/** `http`, with the observer told of each answer and each failure. */
export function observed(http: Got, call: ObservedCall, observer: HostObserver): Got {
  const told = new WeakSet<object>();
  const answered = (response: Response): void => {
    told.add(response);
    observer.upstream({ ...of(call, response.request.options, response.timings), ...answer(response) });
  };
  const failed = (error: RequestError): void => {
    const { response, options, timings } = error;
    if (response !== undefined && told.has(response)) return;
    const came = response === undefined ? {} : answer(response);
    observer.upstream({ ...of(call, options, timings), ...came, error: error.message });
  };
  return http.extend({
    hooks: {
      afterResponse: [
        (response) => {
          answered(response);
          return response;
        },
      ],
      beforeRetry: [(error) => failed(error)],
      beforeError: [
        (error) => {
          failed(error as RequestError);
          return error;
        },
      ],
    },
  });
}

function of(call: ObservedCall, { method, url, body }: Options, timings: Response['timings'] | undefined) {
  const startedAt = timings?.start ?? Date.now();
  const sent = typeof body === 'string' || body instanceof Uint8Array ? { requestBody: shown(body) } : {};
  return {
    referenceId: call.request.referenceId,
    client: call.client,
    method,
    url: String(url),
    startedAt,
    durationMs: timings?.phases.total ?? Date.now() - startedAt,
    ...sent,
  };
}

function answer({ statusCode, rawBody }: Response) {
  const status = { status: statusCode };
  return rawBody === undefined || rawBody.length === 0 ? status : { ...status, responseBody: shown(rawBody) };
}

const shown = (body: string | Uint8Array): string =>
  Buffer.from(typeof body === 'string' ? body.slice(0, SHOWN_BYTES) : body.subarray(0, SHOWN_BYTES))
    .subarray(0, SHOWN_BYTES)
    .toString('utf8');
