import { ApiError, type Meta } from './api-error.js';
import { type ContactAnswer, ContactLookup } from './contact-lookup.js';
import { MessageSending } from './messages.js';
import type { Settings } from './options.js';
import { Outbox } from './outbox.js';
import { type Directory, NumberReader } from './phone-number.js';
import { Phones } from './phones/phones.js';
import { readContactsRequest, readMessagesRequest } from './requests.js';
import { TokenStore } from './token-store.js';

/** Limits calls to `perSecond` in any one second. Undefined: no limit. */
export class RateLimit {
  #taken: number[] = [];

  constructor(
    private readonly perSecond: number | undefined,
    private readonly now: () => number,
  ) {}

  /** Returns false if the call exceeds the limit. Such calls are not counted. */
  take(): boolean {
    if (this.perSecond === undefined) return true;
    const now = this.now();
    this.#taken = this.#taken.filter((at) => now - at < 1000);
    if (this.#taken.length >= this.perSecond) return false;
    this.#taken.push(now);
    return true;
  }
}

/** Authentication headers. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
}

/** The WhatsApp Business API client, independent of HTTP. Methods throw ApiError. */
export class BusinessApiClient {
  readonly directory: Directory;
  readonly tokens: TokenStore;
  readonly outbox = new Outbox();
  readonly phones: Phones;
  version: string;
  password: string;
  readonly #lookup: ContactLookup;
  readonly #limit: RateLimit;
  readonly #sending: MessageSending;

  constructor(private readonly settings: Settings) {
    const { directory, registeredNumber, templates, now } = settings;
    this.directory = directory;
    this.version = settings.version;
    this.password = settings.password;
    this.tokens = new TokenStore(settings.tokenLifetimeMs, now);
    this.#lookup = new ContactLookup(directory, new NumberReader(registeredNumber), now);
    this.#limit = new RateLimit(settings.contactsPerSecond, now);
    this.phones = new Phones(directory, now);
    this.#sending = new MessageSending(templates, directory, this.outbox, this.phones, now);
  }

  get meta(): Meta {
    return { api_status: 'stable', version: this.version };
  }

  login({ authorization }: Credentials): { users: { token: string; expires_after: string }[] } {
    const encoded = credentialOf('Basic', authorization);
    const [username, password] = splitOnce(Buffer.from(encoded, 'base64').toString('utf8'));
    if (username !== this.settings.username || password !== this.password) throw denied('wrong username or password');
    const { token, expiresAt } = this.tokens.issue();
    return { users: [{ token, expires_after: formatTime(expiresAt) }] };
  }

  logout({ authorization }: Credentials): { meta: Meta } {
    this.tokens.revoke(this.#bearer(authorization));
    return { meta: this.meta };
  }

  contacts(credentials: Credentials, body: string): { contacts: ContactAnswer[]; meta: Meta } {
    this.#admit(credentials);
    if (!this.#limit.take()) {
      throw new ApiError('tooManyRequests', `more than ${this.settings.contactsPerSecond} calls in one second`);
    }
    return { contacts: this.#lookup.answer(readContactsRequest(body), this.version), meta: this.meta };
  }

  messages(credentials: Credentials, body: string): { messages: { id: string }[]; meta: Meta } {
    this.#admit(credentials);
    return { messages: [this.#sending.send(readMessagesRequest(body), this.version)], meta: this.meta };
  }

  health(credentials: Credentials): { health: { gateway_status: 'connected' }; meta: Meta } {
    this.#admit(credentials);
    return { health: { gateway_status: 'connected' }, meta: this.meta };
  }

  forgetResults(): void {
    this.#lookup.forgetResults();
  }

  #admit({ authorization, apiKey }: Credentials): void {
    if (this.settings.apiKey === undefined || apiKey === undefined) {
      this.#bearer(authorization);
    } else if (apiKey !== this.settings.apiKey) {
      throw denied('D360-API-KEY: wrong key');
    }
  }

  /** Validates and returns the token of an Authorization header. */
  #bearer(authorization: string | undefined): string {
    const token = credentialOf('Bearer', authorization);
    const state = this.tokens.check(token);
    if (state === 'expired') throw denied('the token has expired: log in again at POST /v1/users/login');
    if (state === 'unknown') throw denied('unknown token: log in at POST /v1/users/login');
    return token;
  }
}

const denied = (details: string): ApiError => new ApiError('accessDenied', details);

function credentialOf(scheme: 'Basic' | 'Bearer', authorization: string | undefined): string {
  if (authorization === undefined) throw denied(`missing Authorization header: expected "${scheme} ..."`);
  const [given = '', value = ''] = authorization.trim().split(/ +/);
  if (given.toLowerCase() !== scheme.toLowerCase()) throw denied(`Authorization: expected "${scheme} ..."`);
  return value;
}

/** Splits username and password. The password may contain colons. */
function splitOnce(pair: string): [string, string | undefined] {
  const colon = pair.indexOf(':');
  return colon < 0 ? [pair, undefined] : [pair.slice(0, colon), pair.slice(colon + 1)];
}

/** Formats ms since 1970 in the API's format: `2026-11-30 10:00:00+00:00`. */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}+00:00`;
}
