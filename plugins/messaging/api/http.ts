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
import { type CallOutcome, CallProblem, OUTCOMES, outcomeOfError, outcomeOfStatus } from './outcome.js';

export interface ApiSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

const errorsSchema = z.object({
  errors: z.array(
    z.object({
      code: z.number().optional(),
      title: z.string().optional(),
      details: z.string().optional(),
    }),
  ),
});

/** Longest text of an API's errors that is shown. */
const SHOWN = 200;

export class ApiResponse {
  readonly #credentials: readonly string[];

  /** @param credentials of the request: an API may repeat them in what it says of errors */
  constructor(
    readonly status: number,
    readonly body: string,
    credentials: readonly string[],
  ) {
    this.#credentials = credentials;
  }

  /** `1005 Access denied`: the first error that the body tells of; undefined where there is none. */
  get refusal(): string | undefined {
    const [first] = this.#errors();
    return first === undefined ? undefined : this.#shown(errorName(first));
  }

  /** `: 1005 Access denied: wrong password` for each of them, for a log line; else empty. */
  get details(): string {
    const texts = this.#errors().map((error) => [errorName(error), error.details].filter(Boolean).join(': '));
    return texts.length === 0 ? '' : `: ${this.#shown(texts.join('; '))}`;
  }

  #errors() {
    return errorsSchema.safeParse(jsonOrUndefined(this.body)).data?.errors ?? [];
  }

  #shown(text: string): string {
    // Longer than what is shown, so that no part of a credential is left at the end.
    const most = SHOWN + Math.max(0, ...this.#credentials.map(({ length }) => length));
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

export interface PostOptions {
  /** The credentials. */
  readonly headers: Record<string, string>;
  readonly json?: object;
  /**
   * Whether the call may be made twice where a connection breaks before its answer. If not, it is made again only where
   * no connection was made at all.
   */
  readonly repeatable: boolean;
}

/** The connection broke before an answer came, or could not be made at this moment. */
const BROKEN = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'];

/** No connection could be made at this moment: nothing was written. */
const UNWRITTEN: readonly unknown[] = ['ECONNREFUSED', 'EAI_AGAIN'];

const RETRY_AFTER_MS = 100;

/** Computed is 0 where got would not try again. */
const calculateDelay = ({ computedValue }: { computedValue: number }): number =>
  computedValue === 0 ? 0 : RETRY_AFTER_MS;

/** HTTP with the API of one channel: its connections, its time-out, the errors that its failures are, the count. */
export class ApiHttp {
  readonly #agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  readonly #calls: Readonly<Record<CallOutcome, LabelledCounter>>;

  constructor(
    readonly channel: string,
    private readonly settings: ApiSettings,
    private readonly http: Got,
    metrics: Metrics,
  ) {
    const help = 'Calls of the API behind a channel, logins too, by how they ended';
    const counter = (outcome: CallOutcome) => metrics.counter('esp_contacts_calls_total', help, { channel, outcome });
    const counters = OUTCOMES.map((outcome) => [outcome, counter(outcome)] as const);
    this.#calls = Object.fromEntries(counters) as Record<CallOutcome, LabelledCounter>;
  }

  get url(): string {
    return this.settings.url;
  }

  /**
   * One POST, whatever its status. Where it may be repeated, a connection that breaks is tried once more.
   * @throws ConnectionFailedError, ExecutionFailedError for an answer that takes too long or is too large, OutcomeUnknownError where a
   * call that is not repeatable was written and got no answer; the cause is a CallProblem
   */
  async post(path: string, options: PostOptions): Promise<ApiResponse> {
    try {
      const { statusCode: status, body } = await this.#send(path, options);
      this.#calls[outcomeOfStatus(status)].inc();
      return new ApiResponse(status, body, Object.values(options.headers));
    } catch (error) {
      throw this.#failure(error as Error, options);
    }
  }

  close(): void {
    this.#agent.http.destroy();
    this.#agent.https.destroy();
  }

  async #send(path: string, options: PostOptions) {
    try {
      return await this.#request(path, options);
    } catch (error) {
      if (options.repeatable || !UNWRITTEN.includes((error as { code?: unknown }).code)) throw error;
    }
    await sleep(RETRY_AFTER_MS);
    return this.#request(path, options);
  }

  #request(path: string, { headers, json, repeatable }: PostOptions) {
    const { url, ca, timeoutMs } = this.settings;
    return this.http.post(`${url}${path}`, {
      headers,
      throwHttpErrors: false,
      timeout: { request: timeoutMs },
      retry: { limit: repeatable ? 1 : 0, methods: ['POST'], statusCodes: [], errorCodes: BROKEN, calculateDelay },
      // One that is kept alive may be closed just as it is written to, and then nobody knows what became of the call.
      agent: repeatable ? this.#agent : { http: false, https: false },
      ...(json === undefined ? {} : { json }),
      ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
    });
  }

  /** Only the text of got's errors goes on: the errors themselves hold the request with its credentials. */
  #failure(error: Error, { repeatable }: PostOptions): Error {
    const outcome = outcomeOfError(error, this.settings.url.startsWith('https:'));
    this.#calls[outcome].inc();
    const cause = new CallProblem(outcome, error.message);
    if (!repeatable && outcome === 'broken')
      return new OutcomeUnknownError(this.channel, 'the connection broke', { cause });
    if (outcome === 'broken' || outcome === 'unreachable') {
      return new ConnectionFailedError(this.channel, this.settings.url, { cause });
    }
    const why = outcome === 'timeout' ? `no answer within ${this.settings.timeoutMs} ms` : error.message;
    return repeatable
      ? new ExecutionFailedError(this.channel, why, { cause })
      : new OutcomeUnknownError(this.channel, why, { cause });
  }
}

/** @param what goes before the status in the log. @throws ConnectionFailedError for 401 and 403 */
export function throwIfRefused(http: ApiHttp, response: ApiResponse, what: string): void {
  const { status, details } = response;
  if (outcomeOfStatus(status) !== 'refused') return;
  const cause = new CallProblem('refused', `${what}status ${status}${details}`);
  throw new ConnectionFailedError(http.channel, http.url, { cause });
}

/** The JSON of an answer that went well. @throws ExecutionFailedError */
export function apiJson(channel: string, response: ApiResponse): unknown {
  const { status, body, details } = response;
  const outcome = outcomeOfStatus(status);
  if (outcome !== 'answered') {
    const cause = new CallProblem(outcome, `status ${status}${details}`);
    throw new ExecutionFailedError(channel, `status ${status}`, { cause });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ExecutionFailedError(channel, 'the answer is no JSON');
  }
}
