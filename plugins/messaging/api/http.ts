import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConnectionFailedError,
  ExecutionFailedError,
  type Got,
  type LabelledCounter,
  type Metrics,
  maskCredentials,
  OutcomeUnknownError,
  z,
} from 'esp-host';
import { CALL_OUTCOMES, CallError, type CallOutcome } from '../errors.js';
import { outcomeOfError, outcomeOfStatus } from './outcomes.js';

export interface ApiSettings {
  /** Without a trailing slash. */
  readonly url: string;
  /** Certificate authorities (PEM). */
  readonly ca?: string | undefined;
  /** Per call. */
  readonly timeoutMs: number;
}

/** Errors of the On-Premises API, or the error of Graph API. */
const errorsSchema = z.union([
  z.object({
    errors: z.array(
      z.object({
        code: z.number().optional(),
        title: z.string().optional(),
        details: z.string().optional(),
      }),
    ),
  }),
  z
    .object({ error: z.object({ code: z.number().optional(), message: z.string().optional() }) })
    .transform(({ error: { code, message } }) => ({ errors: [{ code, title: message, details: undefined }] })),
]);

/** Characters of an API's error text to show. */
const SHOWN = 200;

export class ApiResponse {
  readonly #credentials: readonly string[];

  /** @param credentials those of the request; the API may repeat them in its errors */
  constructor(
    readonly status: number,
    readonly body: string,
    credentials: readonly string[],
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string | string[] | undefined>> = {},
  ) {
    this.#credentials = credentials;
  }

  /** The first error in the body, as `1005 Access denied`, or undefined. */
  get refusal(): string | undefined {
    const [first] = this.#errors();
    return first === undefined ? undefined : this.#shown(errorName(first));
  }

  /** All errors in the body, for a log line, as `: 1005 Access denied: wrong password`, or the empty string. */
  get details(): string {
    const texts = this.#errors().map((error) => [errorName(error), error.details].filter(Boolean).join(': '));
    return this.quoted(texts.join('; '));
  }

  /** A text of the API for a log line, as `: text`, without credentials; the empty string if it is empty. */
  quoted(text: string): string {
    return text === '' ? '' : `: ${this.#shown(text)}`;
  }

  #errors() {
    return errorsSchema.safeParse(jsonOrUndefined(this.body)).data?.errors ?? [];
  }

  #shown(text: string): string {
    // Longer than what is shown, so that the first cut cannot leave a part of a credential unmasked.
    const most = this.#credentials.reduce((sum, { length }) => sum + length, SHOWN);
    return maskCredentials(text.slice(0, most), this.#credentials).slice(0, SHOWN);
  }
}

interface ApiError {
  readonly code?: number | undefined;
  readonly title?: string | undefined;
}

const errorName = ({ code, title }: ApiError): string => [code, title].filter((part) => part !== undefined).join(' ');

export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface GetOptions {
  /** The credentials. */
  readonly headers: Record<string, string>;
}

export interface PostOptions extends GetOptions {
  readonly json?: object;
  /**
   * Whether the call can be made twice if a connection breaks before the answer. If not, it is repeated only if no
   * connection could be opened.
   */
  readonly repeatable: boolean;
}

/** The connection broke before the answer, or could not be opened at the moment. */
const BROKEN = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'];

/** The connection could not be opened at the moment. Nothing was sent. */
const NOT_SENT: readonly unknown[] = ['ECONNREFUSED', 'EAI_AGAIN'];

type Method = 'GET' | 'POST';

const RETRY_AFTER_MS = 100;

/** got computes 0 if it would not retry. */
const calculateDelay = ({ computedValue }: { computedValue: number }): number =>
  computedValue === 0 ? 0 : RETRY_AFTER_MS;

const KEEP_ALIVE = { keepAlive: true };

/** HTTP with the API of one channel: its connections, timeout, errors and metrics. */
export class ApiHttp {
  readonly #agent = { http: new HttpAgent(KEEP_ALIVE), https: new HttpsAgent(KEEP_ALIVE) };
  readonly #calls: Readonly<Record<CallOutcome, LabelledCounter>>;

  constructor(
    readonly channel: string,
    private readonly settings: ApiSettings,
    private readonly http: Got,
    metrics: Metrics,
  ) {
    const help = 'Calls of the API of a channel, including logins, by outcome';
    const counter = (outcome: CallOutcome) => metrics.counter('esp_contacts_calls_total', help, { channel, outcome });
    const counters = CALL_OUTCOMES.map((outcome) => [outcome, counter(outcome)] as const);
    this.#calls = Object.fromEntries(counters) as Record<CallOutcome, LabelledCounter>;
  }

  get url(): string {
    return this.settings.url;
  }

  /**
   * Makes one POST, and returns the answer with any status. A repeatable call whose connection breaks is retried once.
   * The `cause` of each error is a CallError.
   * @throws ConnectionFailedError; ExecutionFailedError if the answer takes too long or is too large;
   * OutcomeUnknownError if a call that is not repeatable was sent and not answered
   */
  post(path: string, options: PostOptions): Promise<ApiResponse> {
    return this.#call('POST', path, options);
  }

  /** Makes one GET, which is repeatable. @throws as `post` */
  get(path: string, options: GetOptions): Promise<ApiResponse> {
    return this.#call('GET', path, { ...options, repeatable: true });
  }

  close(): void {
    this.#agent.http.destroy();
    this.#agent.https.destroy();
  }

  async #call(method: Method, path: string, options: PostOptions): Promise<ApiResponse> {
    try {
      const { statusCode: status, body, headers } = await this.#send(method, path, options);
      this.#calls[outcomeOfStatus(status)].inc();
      return new ApiResponse(status, body, Object.values(options.headers), headers);
    } catch (error) {
      throw this.#failure(error as Error, options);
    }
  }

  async #send(method: Method, path: string, options: PostOptions) {
    try {
      return await this.#request(method, path, options);
    } catch (error) {
      if (options.repeatable || !NOT_SENT.includes((error as { code?: unknown }).code)) throw error;
    }
    await sleep(RETRY_AFTER_MS);
    return this.#request(method, path, options);
  }

  #request(method: Method, path: string, { headers, json, repeatable }: PostOptions) {
    const { url, ca, timeoutMs } = this.settings;
    return this.http(`${url}${path}`, {
      method,
      headers,
      throwHttpErrors: false,
      timeout: { request: timeoutMs },
      retry: { limit: repeatable ? 1 : 0, methods: [method], statusCodes: [], errorCodes: BROKEN, calculateDelay },
      // The server may close a kept connection just as the request is sent. Then the outcome would be unknown.
      agent: repeatable ? this.#agent : { http: false, https: false },
      ...(json === undefined ? {} : { json }),
      https: { certificateAuthority: ca },
    });
  }

  /** Keeps only the text of got's error: the error itself holds the request with its credentials. */
  #failure(error: Error, { repeatable }: PostOptions): Error {
    const { channel } = this;
    const outcome = outcomeOfError(error, this.settings.url.startsWith('https:'));
    this.#calls[outcome].inc();
    const cause = new CallError(outcome, error.message);
    if (!repeatable && outcome === 'broken') return new OutcomeUnknownError(channel, 'the connection broke', { cause });
    if (outcome === 'broken' || outcome === 'unreachable') {
      return new ConnectionFailedError(channel, this.settings.url, { cause });
    }
    const why = outcome === 'timeout' ? `no answer within ${this.settings.timeoutMs} ms` : error.message;
    return repeatable
      ? new ExecutionFailedError(channel, why, { cause })
      : new OutcomeUnknownError(channel, why, { cause });
  }
}

/** @param what prefixes the status in the log. @throws ConnectionFailedError for 401 and 403 */
export function throwIfRefused(http: ApiHttp, response: ApiResponse, what: string): void {
  const { status, details } = response;
  if (outcomeOfStatus(status) !== 'refused') return;
  const cause = new CallError('refused', `${what}status ${status}${details}`);
  throw new ConnectionFailedError(http.channel, http.url, { cause });
}

/** The JSON of a successful answer. @throws ExecutionFailedError */
export function apiJson(channel: string, response: ApiResponse): unknown {
  const { status, body, details } = response;
  const outcome = outcomeOfStatus(status);
  if (outcome !== 'answered') {
    const cause = new CallError(outcome, `status ${status}${details}`);
    throw new ExecutionFailedError(channel, `status ${status}`, { cause });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ExecutionFailedError(channel, 'the answer is not JSON');
  }
}
