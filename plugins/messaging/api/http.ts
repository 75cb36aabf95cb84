import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  ConnectionFailed,
  ExecutionFailed,
  type Got,
  type LabelledCounter,
  type Metrics,
  maskCredentials,
  z,
} from 'esp-host';
import { type CallOutcome, CallProblem, OUTCOMES, outcomeOfError, outcomeOfStatus } from './outcome.js';

export interface ApiSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: string;
  /** What the body says of an error, for a log line: without the credentials, which an API may repeat. */
  readonly errors: string;
}

export interface PostOptions {
  /** The credentials. */
  readonly headers: Record<string, string>;
  readonly json?: object;
  /** Whether the call may be made twice where a connection breaks before its answer. */
  readonly repeatable: boolean;
}

/** The connection broke before an answer came, or could not be made at this moment. */
const BROKEN = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'];
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
   * @throws ConnectionFailed, ExecutionFailed for an answer that takes too long; the cause is a CallProblem
   */
  async post(path: string, options: PostOptions): Promise<ApiResponse> {
    try {
      const { statusCode: status, body } = await this.#send(path, options);
      this.#calls[outcomeOfStatus(status)].inc();
      return { status, body, errors: errorsOf(status, body, options.headers) };
    } catch (error) {
      throw this.#failure(error as Error);
    }
  }

  close(): void {
    this.#agent.http.destroy();
    this.#agent.https.destroy();
  }

  #send(path: string, { headers, json, repeatable }: PostOptions) {
    const { url, ca, timeoutMs } = this.settings;
    return this.http.post(`${url}${path}`, {
      headers,
      throwHttpErrors: false,
      timeout: { request: timeoutMs },
      retry: { limit: repeatable ? 1 : 0, methods: ['POST'], statusCodes: [], errorCodes: BROKEN, calculateDelay },
      agent: this.#agent,
      ...(json === undefined ? {} : { json }),
      ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
    });
  }

  /** Only the text of got's errors goes on: the errors themselves hold the request with its credentials. */
  #failure(error: Error): Error {
    const outcome = outcomeOfError(error);
    this.#calls[outcome].inc();
    const cause = new CallProblem(outcome, error.message);
    if (outcome !== 'timeout') return new ConnectionFailed(this.channel, this.settings.url, { cause });
    return new ExecutionFailed(this.channel, `no answer within ${this.settings.timeoutMs} ms`, { cause });
  }
}

/** @param what goes before the status in the log. @throws ConnectionFailed for 401 and 403 */
export function throwIfRefused(http: ApiHttp, response: ApiResponse, what: string): void {
  const { status, errors } = response;
  if (outcomeOfStatus(status) !== 'refused') return;
  const cause = new CallProblem('refused', `${what}status ${status}${errors}`);
  throw new ConnectionFailed(http.channel, http.url, { cause });
}

/** The JSON of an answer that went well. @throws ExecutionFailed */
export function apiJson(channel: string, response: ApiResponse): unknown {
  const { status, body, errors } = response;
  const outcome = outcomeOfStatus(status);
  if (outcome !== 'answered') {
    const cause = new CallProblem(outcome, `status ${status}${errors}`);
    throw new ExecutionFailed(channel, `status ${status}`, { cause });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ExecutionFailed(channel, 'the answer is no JSON');
  }
}

/** Longest text of an API's error that a log line shows. */
const SHOWN = 200;

const errorsOf = (status: number, body: string, credentials: Readonly<Record<string, string>>): string =>
  outcomeOfStatus(status) === 'answered'
    ? ''
    : maskCredentials(apiErrors(body), Object.values(credentials)).slice(0, SHOWN);

const errorsSchema = z.object({
  errors: z.array(
    z.object({
      code: z.number().optional(),
      title: z.string().optional(),
      details: z.string().optional(),
    }),
  ),
});

/** `: 1005 Access denied: wrong password` for each error of an answer's body. */
function apiErrors(body: string): string {
  const parsed = errorsSchema.safeParse(jsonOrUndefined(body));
  if (!parsed.success) return '';
  const texts = parsed.data.errors.map(({ code, title, details }) =>
    [[code, title].filter((part) => part !== undefined).join(' '), details].filter(Boolean).join(': '),
  );
  return `: ${texts.join('; ')}`;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
