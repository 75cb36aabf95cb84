import { ConnectionFailedError, type LabelledCounter, z } from 'esp-host';
import type { Redis } from '../redis.js';
import { type CacheSettings, timeLeft } from './cache.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** An answer as JSON: short, for there may be millions. */
const stored = z
  .object({ n: z.string().optional(), u: z.boolean(), v: z.string().optional(), t: z.number() })
  .transform(({ n, u, v, t }): ContactAnswer => ({ number: n, unreliable: u, version: v, knownSince: t }));

/** Answers from Redis what another host has found out, and puts there what this one does. */
export class SharedCache implements ContactLookup {
  /** @param owner the channel's own number: what one client says is not what another one would */
  constructor(
    private readonly inner: ContactLookup,
    private readonly redis: Redis,
    private readonly owner: string,
    private readonly settings: CacheSettings,
    private readonly hit: LabelledCounter,
  ) {}

  async lookUp(number: string): Promise<ContactAnswer> {
    const key = `contact:${this.owner}:${number}`;
    const known = parse(await this.redis.run((client) => client.get(key)));
    if (known !== undefined && timeLeft(known, this.settings, Date.now()) > 0) {
      this.hit.inc();
      return known;
    }
    const answer = await this.inner.lookUp(number);
    if (answer instanceof ConnectionFailedError) throw answer;
    this.#store(key, answer);
    return answer;
  }

  /** Nobody waits for it. */
  #store(key: string, answer: ContactAnswer): void {
    const PX = Math.floor(timeLeft(answer, this.settings, Date.now()));
    if (PX < 1) return;
    const { number: n, unreliable: u, version: v, knownSince: t } = answer;
    void this.redis.run((client) => client.set(key, JSON.stringify({ n, u, v, t }), { PX }));
  }
}

/** Undefined where there is nothing, or nothing that makes sense. */
function parse(text: string | null | undefined): ContactAnswer | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
