import { EventEmitter, once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import got, {
  AbortError,
  type Got,
  type HandlerFunction,
  HTTPError,
  type Options,
  type Progress,
  type Request,
  RequestError,
  type Response,
  TimeoutError,
} from 'got';
import { credentialsOf, type Metrics, maskCredentials } from '../telemetry/index.js';
import type { HOST_ERRORS } from './errors.js';

/** Timeout of a call in ms, unless the caller sets one. */
const TIMEOUT_MS = 10_000;

/** Most bytes of a decompressed answer, unless the caller sets `context.answerBytes`. */
const ANSWER_BYTES = 10 << 20;

/**
 * The host's HTTP client. Retries and redirects are off: only the caller knows whether a call may be repeated, or sent
 * elsewhere.
 */
export const httpClient = (metrics: Metrics): Got =>
  got.extend({
    retry: { limit: 0 },
    timeout: { request: TIMEOUT_MS },
    followRedirect: false,
    headers: { 'user-agent': 'esp-host' },
    handlers: [measureCalls(metrics), limitAnswer],
    hooks: { beforeError: [withoutCredentials] },
  });

/** The answer of an upstream is larger than 10 MB, or than the `context.answerBytes` of the call. */
export class AnswerTooLargeError extends RequestError {
  override readonly name = 'AnswerTooLargeError';
  override readonly code = 'ESP_HOST_ANSWER_TOO_LARGE' satisfies keyof typeof HOST_ERRORS;
  constructor(
    readonly answerBytes: number,
    request: Request,
  ) {
    super(`the answer is over ${answerBytes} bytes`, {}, request);
    // got would keep the empty object.
    this.cause = undefined;
  }
}

/** The credentials that a call sends. */
export const credentialsIn = ({ headers, url, password }: Options): string[] => [
  password ?? '',
  ...credentialsOf(headers, String(url)),
];

/** The message of an error contains the URL and the status text, in which an upstream may repeat the credentials. */
function withoutCredentials<E extends Error>(error: E): E {
  const credentials = error instanceof RequestError ? credentialsIn(error.options) : [];
  error.message = maskCredentials(error.message, credentials);
  error.stack = maskCredentials(error.stack ?? '', credentials);
  return error;
}

/** Aborts a call whose answer is too large. Counts decompressed bytes, so that a few kB cannot unpack to many GB. */
const limitAnswer: HandlerFunction = (options, next) => {
  const most = answerBytesOf(options);
  // For an error status, got buffers the whole answer of a stream before it fails, and reports no progress meanwhile.
  const throwsOfStream = options.isStream && options.throwHttpErrors;
  if (throwsOfStream) options.throwHttpErrors = false;
  const result = next(options);
  const events: CallEvents = result;
  let answer: Answer | undefined;
  events.on('request', (request) => {
    request.once('response', (response: Answer) => {
      answer = response;
    });
  });
  events.on('downloadProgress', ({ transferred }) => {
    if (transferred > most && answer?.request !== undefined) fail(new AnswerTooLargeError(most, answer.request));
  });
  if (throwsOfStream) {
    events.on('response', (response) => {
      if (!response.ok) fail(new HTTPError(response));
    });
  }
  return result;
};

/** Node's response. got adds the request to it. */
type Answer = IncomingMessage & { readonly request?: Request };

/** Events of got's promises and streams alike. */
interface CallEvents {
  on(event: 'request', listener: (request: ClientRequest) => void): unknown;
  on(event: 'downloadProgress', listener: (progress: Progress) => void): unknown;
  on(event: 'response', listener: (response: Response) => void): unknown;
}

/** Fails a call as got itself does when no hook asks for a retry. */
function fail(error: RequestError): void {
  const { request, options } = error;
  for (const hook of options.hooks.beforeError) void hook(error);
  request?.destroy(error);
}

function answerBytesOf({ context }: Options): number {
  const { answerBytes = ANSWER_BYTES } = context;
  if (typeof answerBytes === 'number' && answerBytes >= 0) return answerBytes;
  throw new TypeError('context.answerBytes must be a number of bytes');
}

/** Upstreams with a label of their own; a plugin could call any number of them. */
const UPSTREAMS = 100;

interface Call {
  readonly upstream: string;
  readonly method: string;
  readonly startedAt: number;
}

/** Counts and times calls to upstreams. A call that its caller retries counts once. */
function measureCalls(metrics: Metrics): HandlerFunction {
  const upstreams = new Set<string>();
  const labelOf = (url: string | URL | undefined): string => {
    const host = url instanceof URL ? url.host : String(url);
    if (upstreams.size < UPSTREAMS) upstreams.add(host);
    return upstreams.has(host) ? host : 'other';
  };
  const ended = ({ upstream, method, startedAt }: Call, outcome: string): void => {
    const help = 'HTTP calls to upstreams by method and outcome (the status, or why no answer came)';
    metrics.counter('esp_upstream_calls_total', help, { upstream, method, outcome }).inc();
    metrics
      .histogram('esp_upstream_call_duration_seconds', 'Time to the answer of HTTP calls to upstreams', { upstream })
      .observe((performance.now() - startedAt) / 1000);
  };
  return (options, next) => {
    const call = { upstream: labelOf(options.url), method: options.method, startedAt: performance.now() };
    const result = next(options);
    answerOf(result)
      .then(
        (answer) => ended(call, String(answer?.statusCode ?? 'ok')),
        (error: Error) => ended(call, outcomeOf(error)),
      )
      // A metric of a plugin may have the same name: that must not fail the call.
      .catch(() => undefined);
    return result;
  };
}

/** The answer, or the head of a stream's. `call.json()` and the like give the body alone, which has no status. */
async function answerOf(result: unknown): Promise<{ readonly statusCode?: number } | undefined> {
  if (!(result instanceof EventEmitter)) return result as Promise<{ readonly statusCode?: number } | undefined>;
  const [answer] = await once(result, 'response');
  return answer;
}

function outcomeOf(error: Error): string {
  const response = error instanceof RequestError ? error.response : undefined;
  return knownFailure(error) ?? (response === undefined ? failureOf(error) : String(response.statusCode));
}

/** Why no answer came: `abandoned`, `timeout`, `too_large`, a code such as `ECONNREFUSED`, or `error`. */
export const failureOf = (error: Error & { readonly code?: string }): string =>
  knownFailure(error) ?? error.code ?? 'error';

function knownFailure(error: Error): string | undefined {
  if (error instanceof AbortError) return 'abandoned';
  if (error instanceof TimeoutError) return 'timeout';
  return error instanceof AnswerTooLargeError ? 'too_large' : undefined;
}
