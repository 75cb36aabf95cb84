import { ExecutionFailedError, type Got, type Logger, type Metrics } from 'esp-host';
import type { OnPremisesSettings } from '../config/index.js';
import { CallError } from '../errors.js';
import { Breaker } from './breaker.js';
import { ApiKey, type Credentials, Login } from './credentials.js';
import { ApiHttp, type ApiResponse, apiJson, throwIfRefused } from './http.js';

/** The API of one channel, and the circuit breaker that its users share. */
export interface ChannelApi {
  readonly client: ApiClient;
  readonly breaker: Breaker;
  close(): void;
}

export interface ApiDependencies {
  /** Its name. */
  readonly channel: string;
  readonly http: Got;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function openChannelApi(settings: OnPremisesSettings, dependencies: ApiDependencies): ChannelApi {
  const { channel, logger, metrics } = dependencies;
  const http = new ApiHttp(channel, settings, dependencies.http, metrics);
  const credentials = settings.driver === 'gateway' ? new ApiKey(settings) : new Login(http, settings);
  return {
    client: new ApiClient(http, credentials),
    breaker: new Breaker(channel, settings.url, settings.breaker, logger, metrics),
    close: () => http.close(),
  };
}

export interface CallOptions {
  /** Whether the call can be made twice if a connection breaks before the answer. */
  readonly repeatable: boolean;
  /** Prevents a call that has not started. A call in progress is completed. */
  readonly unless?: AbortSignal;
}

/** @throws ExecutionFailedError if the request of a call that has not started is over */
export function throwIfOver(channel: string, unless: AbortSignal | undefined): void {
  if (!unless?.aborted) return;
  const cause = new CallError('not_made', 'the request ended before the call started');
  throw new ExecutionFailedError(channel, 'cancelled before the call', { cause });
}

/** Calls an API with its credentials. */
export class ApiClient {
  constructor(
    private readonly http: ApiHttp,
    private readonly credentials: Credentials,
  ) {}

  /**
   * Posts JSON, and returns the JSON of a successful answer.
   * @throws ConnectionFailedError if the API is unreachable or refuses the credentials; else ExecutionFailedError
   */
  async postForJson(path: string, body: object, options: CallOptions): Promise<unknown> {
    return apiJson(this.http.channel, await this.post(path, body, options));
  }

  /**
   * Posts JSON, and returns the answer with any status but 401 and 403. A call refused with 401 had no effect: it is
   * repeated once, with new credentials.
   * @throws ConnectionFailedError if the API is unreachable or refuses the credentials; else as ApiHttp
   */
  async post(path: string, body: object, options: CallOptions): Promise<ApiResponse> {
    let used = await this.credentials.header();
    let response = await this.#post(path, body, options, used);
    if (response.status === 401 && this.credentials.renew(used)) {
      used = await this.credentials.header();
      response = await this.#post(path, body, options, used);
    }
    throwIfRefused(this.http, response, '');
    return response;
  }

  #post(path: string, json: object, { repeatable, unless }: CallOptions, headers: Record<string, string>) {
    throwIfOver(this.http.channel, unless);
    return this.http.post(path, { json, headers, repeatable });
  }
}
