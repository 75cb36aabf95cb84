import { type ClientRequest, type IncomingMessage } from 'node:http';
import got, {
  type Got,
  type HandlerFunction,
  HTTPError,
  type Options,
  type Progress,
  type Request,
  RequestError,
  type Response,
} from 'got';
import { credentialsOf, type Metrics, maskCredentials } from '../telemetry/index.js';
import { upstreamMetrics } from './upstream-metrics.js';

/** Longest that a call to an upstream may take where its caller sets nothing. */
const REQUEST_MS = 10_000;

/** Most bytes of an answer, unpacked, where the caller sets no `context.answerBytes`. */
const ANSWER_BYTES = 10 << 20;

/** What a call proves itself with. */
export const credentialsIn = ({ headers, url, password }: Options): string[] => [
  password ?? '',
  ...credentialsOf(headers, String(url)),
];

/** The answer of an upstream has more bytes than the call takes: 10 MB, or its `context.answerBytes`. */
export class AnswerTooLarge extends RequestError {
  override readonly name = 'AnswerTooLarge';
  override readonly code = 'ERR_ANSWER_TOO_LARGE';
  constructor(
    readonly answerBytes: number,
    request: Request,
  ) {
    super(`the answer is over ${answerBytes} bytes`, {}, request);
  }
}

/** An error's text holds the URL, and the words behind the status, which may repeat anything. */
function withoutCredentials<E extends Error>(error: E): E {
  const { options } = error as unknown as RequestError;
  const credentials = options === undefined ? [] : credentialsIn(options);
  error.message = maskCredentials(error.message, credentials);
  error.stack = maskCredentials(error.stack ?? '', credentials);
  return error;
}

/** Ends a call whose answer is too large, counted as it is unpacked, so that a few kB cannot become many GB. */
const boundAnswer: HandlerFunction = (options, next) => {
  const most = answerBytesOf(options);
  // got reads a stream's answer of an error status to its end before it fails, and tells nobody how much there is.
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
    if (transferred > most && answer?.request !== undefined) fail(new AnswerTooLarge(most, answer.request));
  });
  if (throwsOfStream) {
    events.on('response', (response) => {
      if (!response.ok) fail(new HTTPError(response));
    });
  }
  return result;
};

/** Node's answer, once got has said whose it is. */
type Answer = IncomingMessage & { readonly request?: Request };

/** Of got's promises and streams alike. */
interface CallEvents {
  on(event: 'request', listener: (request: ClientRequest) => void): unknown;
  on(event: 'downloadProgress', listener: (progress: Progress) => void): unknown;
  on(event: 'response', listener: (response: Response) => void): unknown;
}

/** As got itself does at an error that no hook is to retry. */
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

/**
 * A host's HTTP client. It retries nothing by itself: whether a call may be made twice is known only to who makes it.
 */
export const httpClient = (metrics: Metrics): Got =>
  got.extend({
    retry: { limit: 0 },
    timeout: { request: REQUEST_MS },
    followRedirect: false,
    headers: { 'user-agent': 'esp-host' },
    handlers: [upstreamMetrics(metrics), boundAnswer],
    hooks: { beforeError: [withoutCredentials] },
  });
