import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../config/index.js';
import type { Dispatcher } from '../../host/index.js';
import type { ListLimits } from '../../wire/index.js';
import { HttpError } from './errors.js';

export interface HttpLimits extends ListLimits {
  readonly messageBytes: number;
  readonly connections: number;
  readonly connectionsPerAddress?: number | undefined;
  /** How long a request may be incomplete, and a client may leave its reply unread, in ms. */
  readonly frameMs: number;
  readonly deadlineMs: number;
}

/** What the adapter needs to serve requests. A reload replaces it; connections stay open. */
export interface HttpService {
  /** The name of the application, for people. */
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly limits: HttpLimits;
  readonly bearer: BearerToken;
}

/** Returns the current service. */
export type CurrentService = () => HttpService;

/** The token that clients send as `Authorization: Bearer <token>`. */
export class BearerToken {
  readonly #digest: Buffer;

  constructor(token: Secret) {
    this.#digest = digest(token.reveal());
  }

  /** Takes the same time for every token. @throws HttpError 401 */
  check(authorization: string | undefined): void {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      throw unauthorized('send the header Authorization: Bearer <token>, with the token of listeners.http.token');
    }
    if (!timingSafeEqual(digest(token), this.#digest)) {
      throw unauthorized('this is not the token of listeners.http.token', ', error="invalid_token"');
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (message: string, detail = ''): HttpError =>
  new HttpError('ESP_HTTP_UNAUTHORIZED', message, { 'www-authenticate': `Bearer realm="esp-host"${detail}` });
