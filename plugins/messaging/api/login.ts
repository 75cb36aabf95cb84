import { ExecutionFailedError, type Secret, z } from 'esp-host';
import type { Credentials } from './credentials.js';
import { type ApiHttp, apiJson, throwIfRefused } from './http.js';

export interface LoginSettings {
  readonly username: string;
  readonly password: Secret;
}

interface Token {
  readonly header: Record<string, string>;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** `POST /v1/users/login`: `{"users":[{"token":"...","expires_after":"2026-11-30 10:00:00+00:00"}]}`. */
const answerSchema = z.object({
  users: z
    .tuple([z.object({ token: z.string().min(1).max(8192), expires_after: z.string().optional() })])
    .rest(z.unknown()),
});

/** How long before its end a token is renewed at the earliest: a tenth of its time, and at most this. */
const RENEW_BEFORE_MS = 300_000;

/**
 * A login with Basic authentication, whose token then goes along as Bearer. The token is kept, renewed before it
 * expires while the old one still serves, and renewed when it is refused; however many wait, one login is made.
 */
export class Login implements Credentials {
  #token: Token | undefined;
  #underWay: Promise<Token> | undefined;

  constructor(
    private readonly http: ApiHttp,
    private readonly settings: LoginSettings,
    private readonly now: () => number = Date.now,
  ) {}

  async header(): Promise<Record<string, string>> {
    const token = this.#token;
    const now = this.now();
    if (token === undefined || now >= token.expiresAt) return (await this.#renewed()).header;
    // What is wrong with an early renewal shows when the old token has expired.
    if (now >= token.renewAt) this.#renewed().catch(() => undefined);
    return token.header;
  }

  /** Forgets the token, unless another request has renewed it meanwhile. */
  renew(refused: Record<string, string>): boolean {
    if (this.#token?.header === refused) this.#token = undefined;
    return true;
  }

  #renewed(): Promise<Token> {
    this.#underWay ??= this.#logIn().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
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
    const renewAt = expiresAt - Math.min(RENEW_BEFORE_MS, Math.max(0, expiresAt - now) / 10);
    return { header: { authorization: `Bearer ${token}` }, renewAt, expiresAt };
  }
}

/** `2026-11-30 10:00:00+00:00` in milliseconds since 1970; undefined where it is no time. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text?.trim().replace(' ', 'T') ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
