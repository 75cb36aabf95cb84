import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../config/index.js';
import { HttpError } from './http-error.js';

/** The one token that clients bring as `Authorization: Bearer <token>`. */
export class BearerToken {
  readonly #digest: Buffer;

  constructor(token: Secret) {
    this.#digest = digest(token.reveal());
  }

  /** Takes the same time whichever token was brought. @throws HttpError 401 */
  check(authorization: string | undefined): void {
    const [, brought] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (brought === undefined) {
      throw refusal('send the header Authorization: Bearer <token>, with the token of listeners.http.token');
    }
    if (!timingSafeEqual(digest(brought), this.#digest)) {
      throw refusal('this is not the token of listeners.http.token', ', error="invalid_token"');
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const refusal = (message: string, detail = ''): HttpError =>
  new HttpError(401, message, { 'www-authenticate': `Bearer realm="esp-host"${detail}` });
