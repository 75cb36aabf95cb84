import { randomBytes } from 'node:crypto';

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const TOKENS_MAX = 10_000;

/** The newest 10,000 bearer tokens issued by logins. Several can be valid at once. */
export class TokenStore {
  readonly #tokens = new Map<string, { expiresAt: number }>();

  constructor(
    private readonly lifetimeMs: number,
    private readonly now: () => number,
  ) {}

  issue(): IssuedToken {
    const issued = { token: randomBytes(32).toString('base64url'), expiresAt: this.now() + this.lifetimeMs };
    this.#tokens.set(issued.token, { expiresAt: issued.expiresAt });
    const [oldest = ''] = this.#tokens.keys();
    if (this.#tokens.size > TOKENS_MAX) this.#tokens.delete(oldest);
    return issued;
  }

  check(token: string): 'valid' | 'expired' | 'unknown' {
    const known = this.#tokens.get(token);
    if (!known) return 'unknown';
    return known.expiresAt > this.now() ? 'valid' : 'expired';
  }

  /** The expiry times of the tokens, oldest first, without their text. */
  list(): { readonly expiresAt: number; readonly state: 'valid' | 'expired' }[] {
    const now = this.now();
    return [...this.#tokens.values()].map(({ expiresAt }) => ({
      expiresAt,
      state: expiresAt > now ? 'valid' : 'expired',
    }));
  }

  /** Revokes a token. Returns whether it existed. */
  revoke(token: string): boolean {
    return this.#tokens.delete(token);
  }

  /** Expires all tokens. */
  expireAll(): void {
    for (const token of this.#tokens.values()) token.expiresAt = Math.min(token.expiresAt, this.now());
  }
}
