import { ExecutionFailedError, type Secret, z } from 'esp-host';
import { type ApiHttp, apiJson, throwIfRefused } from './http.js';

/** What authenticates the calls of an API. */
export interface Credentials {
  /** The header to send. @throws ConnectionFailedError, ExecutionFailedError if the login fails */
  header(): Promise<Record<string, string>>;
  /** Reports that the API refused this header. Returns whether a call with a new one may succeed. */
  renew(refused: Record<string, string>): boolean;
}

/** A gateway's API key, in its own header. */
export class ApiKey implements Credentials {
  constructor(private readonly settings: { readonly header: string; readonly apiKey: Secret }) {}

  async header(): Promise<Record<string, string>> {
    return { [this.settings.header]: this.settings.apiKey.reveal() };
  }

  renew(): boolean {
    return false;
  }
}

export interface LoginSettings {
  readonly username: string;
  readonly password: Secret;
}

interface Token {
  readonly header: Record<string, string>;
  /** In ms since the epoch. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** `POST /v1/users/login`: `{"users":[{"token":"...","expires_after":"2026-11-30 10:00:00+00:00"}]}`. */
const answerSchema = z.object({
  users: z
    .tuple([z.object({ token: z.string().min(1).max(8192), expires_after: z.string().optional() })])
    .rest(z.unknown()),
});

/** Renews a token a tenth of its lifetime before it expires, but at most this much earlier. */
const RENEW_BEFORE_MS = 300_000;

/**
 * Logs in with Basic authentication, and sends the token as Bearer. It renews the token before it expires, while the
 * old one is still used, and when the API refuses it. Concurrent calls share one login.
 */
export class Login implements Credentials {
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(
    private readonly http: ApiHttp,
    private readonly settings: LoginSettings,
    private readonly now: () => number = Date.now,
  ) {}

  async header(): Promise<Record<string, string>> {
    const token = this.#token;
    const now = this.now();
    if (token === undefined || now >= token.expiresAt) return (await this.#renewed()).header;
    // An early renewal may fail: the next one after the token has expired reports the error.
    if (now >= token.renewAt) this.#renewed().catch(() => undefined);
    return token.header;
  }

  /** Discards the token, unless another request has already renewed it. */
  renew(refused: Record<string, string>): boolean {
    if (this.#token?.header === refused) this.#token = undefined;
    return true;
  }

  #renewed(): Promise<Token> {
    this.#pending ??= this.#logIn().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #logIn(): Promise<Token> {
    const { username, password } = this.settings;
    const basic = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    const response = await this.http.post('/v1/users/login', { headers, repeatable: true });
    throwIfRefused(this.http, response, 'login refused: ');
    this.#token = this.#tokenOf(apiJson(this.http.channel, response));
    return this.#token;
  }

  #tokenOf(json: unknown): Token {
    const result = answerSchema.safeParse(json);
    if (!result.success) throw new ExecutionFailedError(this.http.channel, 'the answer to the login has no token');
    const [{ token, expires_after: expires }] = result.data.users;
    const now = this.now();
    const expiresAt = timeOf(expires) ?? Number.POSITIVE_INFINITY;
    const renewAt = expiresAt - Math.min(RENEW_BEFORE_MS, (expiresAt - now) / 10);
    return { header: { authorization: `Bearer ${token}` }, renewAt, expiresAt };
  }
}

/** `2026-11-30 10:00:00+00:00` in ms since the epoch, or undefined if it is not a time. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text?.trim().replace(' ', 'T') ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
