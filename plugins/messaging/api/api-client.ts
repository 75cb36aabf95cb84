import type { Credentials } from './credentials.js';
import { type ApiHttp, apiJson, throwIfRefused } from './http.js';

export interface CallOptions {
  /** Whether the call may be made twice where a connection breaks before its answer. */
  readonly repeatable: boolean;
}

/** The API of one channel, asked with its credentials. */
export class ApiClient {
  constructor(
    private readonly http: ApiHttp,
    private readonly credentials: Credentials,
  ) {}

  /**
   * Posts JSON and gives the answer's JSON. A 401 renews the credentials and asks once more.
   * @throws ConnectionFailed (cannot be reached, refuses the credentials), ExecutionFailed (anything else)
   */
  async post(path: string, body: object, options: CallOptions): Promise<unknown> {
    let used = await this.credentials.header();
    let response = await this.#post(path, body, options, used);
    if (response.status === 401 && this.credentials.renew(used)) {
      used = await this.credentials.header();
      response = await this.#post(path, body, options, used);
    }
    throwIfRefused(this.http, response, '');
    return apiJson(this.http.channel, response);
  }

  #post(path: string, json: object, { repeatable }: CallOptions, headers: Record<string, string>) {
    return this.http.post(path, { json, headers, repeatable });
  }
}
