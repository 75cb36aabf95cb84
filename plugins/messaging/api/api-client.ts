import { ExecutionFailedError } from 'esp-host';
import type { Credentials } from './credentials.js';
import { type ApiHttp, type ApiResponse, apiJson, throwIfRefused } from './http.js';
import { CallProblem } from './outcome.js';

export interface CallOptions {
  /** Whether the call may be made twice where a connection breaks before its answer. */
  readonly repeatable: boolean;
  /** Once it has fired, the call is not begun; one that is under way goes to its end. */
  readonly unless?: AbortSignal;
}

/** The API of one channel, asked with its credentials. */
export class ApiClient {
  constructor(
    private readonly http: ApiHttp,
    private readonly credentials: Credentials,
  ) {}

  /**
   * Posts JSON and gives the answer's JSON.
   * @throws ConnectionFailedError (cannot be reached, refuses the credentials), ExecutionFailedError (anything else)
   */
  async post(path: string, body: object, options: CallOptions): Promise<unknown> {
    return apiJson(this.http.channel, await this.answer(path, body, options));
  }

  /**
   * Posts JSON and gives the answer, whatever its status but 401 and 403. A 401 did nothing but refuse: the credentials
   * are renewed, and it is asked once more.
   * @throws ConnectionFailedError (cannot be reached, refuses the credentials), ExecutionFailedError, OutcomeUnknownError (as ApiHttp)
   */
  async answer(path: string, body: object, options: CallOptions): Promise<ApiResponse> {
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
    if (unless?.aborted) {
      const cause = new CallProblem('not_made', 'the request was over before the call was begun');
      throw new ExecutionFailedError(this.http.channel, 'given up before it was begun', { cause });
    }
    return this.http.post(path, { json, headers, repeatable });
  }
}
