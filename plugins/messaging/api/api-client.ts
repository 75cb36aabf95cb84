import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ConnectionFailed, type Got } from 'esp-host';
import type { Credentials } from './credentials.js';
import { type ApiSettings, apiErrors, apiJson, post } from './http.js';

export interface CallOptions {
  /** Whether the call may be made twice where a connection breaks before its answer. */
  readonly repeatable: boolean;
}

/** The API of one channel: its credentials, its connections, and the errors that its failures are. */
export class ApiClient {
  readonly #agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

  constructor(
    private readonly channel: string,
    private readonly settings: ApiSettings,
    private readonly credentials: Credentials,
  ) {}

  /**
   * Posts JSON and gives the answer's JSON. A 401 renews the credentials and asks once more.
   * @throws ConnectionFailed (cannot be reached, refuses the credentials), ExecutionFailed (anything else)
   */
  async post(path: string, body: object, http: Got, options: CallOptions): Promise<unknown> {
    let used = await this.credentials.header();
    let response = await this.#post(path, body, http, options, used);
    if (response.status === 401 && this.credentials.renew(used)) {
      used = await this.credentials.header();
      response = await this.#post(path, body, http, options, used);
    }
    if (response.status === 401 || response.status === 403) {
      const cause = new Error(`status ${response.status}${apiErrors(response)}`);
      throw new ConnectionFailed(this.channel, this.settings.url, { cause });
    }
    return apiJson(this.channel, response);
  }

  close(): void {
    this.#agent.http.destroy();
    this.#agent.https.destroy();
  }

  #post(path: string, body: object, http: Got, { repeatable }: CallOptions, header: Record<string, string>) {
    return post(this.channel, this.settings, path, {
      http,
      json: body,
      headers: header,
      agent: this.#agent,
      repeatable,
    });
  }
}
