import { ConnectionFailedError, ExecutionFailedError, type LabelledCounter, type Redis, z } from 'esp-host';
import { LRUCache } from 'lru-cache';
import { CallError } from '../errors.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

export interface CacheSettings {
  /** How long to cache that a number is on WhatsApp. 0: not at all. */
  readonly confirmedMs: number;
  /** How long to cache that it is not. */
  readonly unconfirmedMs: number;
  /** Maximum numbers in memory. 0: no cache, neither in memory nor in Redis. */
  readonly size: number;
}

/** How many ms an answer stays valid. 0 or less: it is not. */
function timeLeft({ number, knownSince }: ContactAnswer, settings: CacheSettings, now: number): number {
  const lifetimeMs = number === undefined ? settings.unconfirmedMs : settings.confirmedMs;
  return (knownSince ?? Number.NEGATIVE_INFINITY) + lifetimeMs - now;
}

/** A lookup in progress, and how many requests have joined it. */
interface Pending {
  readonly answer: Promise<ContactAnswer>;
  joined: number;
}

interface Cached {
  readonly answer: ContactAnswer;
  /** In ms since the epoch. */
  readonly until: number;
}

export interface CacheCounters {
  /** Answered from memory. */
  readonly hit: LabelledCounter;
  /** Joined the lookup of another request. */
  readonly joined: LabelledCounter;
  /** Rejected, because too many have joined. */
  readonly rejected: LabelledCounter;
}

/** Maximum requests of a channel that wait for lookups of others. They take memory, even past their deadlines. */
const MAX_JOINED = 10_000;

/** Answers from memory, and shares one lookup between concurrent requests for the same number. */
export class CachedLookup implements ContactLookup {
  readonly #cache: LRUCache<string, Cached> | undefined;
  readonly #pending = new Map<string, Pending>();
  #joined = 0;

  constructor(
    private readonly inner: ContactLookup,
    private readonly channel: string,
    private readonly settings: CacheSettings,
    private readonly count: CacheCounters,
    private readonly now: () => number = Date.now,
  ) {
    this.#cache = settings.size === 0 ? undefined : new LRUCache({ max: settings.size });
  }

  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer> {
    const cached = this.#cache?.get(number);
    if (cached !== undefined && cached.until > this.now()) {
      this.count.hit.inc();
      return cached.answer;
    }
    const pending = this.#pending.get(number);
    return pending === undefined ? this.#start(number) : this.#join(pending);
  }

  /** Drops what is cached about a number. The answer of a lookup in progress is not cached. */
  drop(number: string): void {
    this.#cache?.delete(number);
    this.#pending.delete(number);
  }

  #join(pending: Pending): Promise<ContactAnswer> {
    if (this.#joined >= MAX_JOINED) {
      this.count.rejected.inc();
      const cause = new CallError('not_made', `${MAX_JOINED} requests wait for lookups of others`);
      throw new ExecutionFailedError(this.channel, 'overloaded', { cause });
    }
    this.count.joined.inc();
    this.#joined++;
    pending.joined++;
    return pending.answer;
  }

  #start(number: string): ConnectionFailedError | Promise<ContactAnswer> {
    const found = this.inner.lookUp(number);
    if (found instanceof ConnectionFailedError) return found;
    const answer = Promise.resolve(found)
      .then((one) => {
        if (this.#pending.get(number) === pending) this.#store(number, one);
        return one;
      })
      .finally(() => {
        this.#joined -= pending.joined;
        if (this.#pending.get(number) === pending) this.#pending.delete(number);
      });
    const pending: Pending = { answer, joined: 0 };
    this.#pending.set(number, pending);
    return answer;
  }

  #store(number: string, answer: ContactAnswer): void {
    const now = this.now();
    const left = timeLeft(answer, this.settings, now);
    if (left > 0) this.#cache?.set(number, { answer, until: now + left });
  }
}

/** An answer in Redis: short, because there may be millions. */
const storedAnswer = z
  .object({ n: z.string().optional(), u: z.boolean(), v: z.string().optional(), t: z.number() })
  .transform(({ n, u, v, t }): ContactAnswer => ({ number: n, unreliable: u, version: v, knownSince: t }));

/** @param owner the channel's own number */
export const sharedContactKey = (owner: string, number: string): string => `contact:${owner}:${number}`;

/** Shares answers between hosts through Redis. */
export class SharedCache implements ContactLookup {
  /** @param owner the channel's own number; other API clients may give other answers */
  constructor(
    private readonly inner: ContactLookup,
    private readonly redis: Redis,
    private readonly owner: string,
    private readonly settings: CacheSettings,
    private readonly hit: LabelledCounter,
  ) {}

  async lookUp(number: string): Promise<ContactAnswer> {
    const key = sharedContactKey(this.owner, number);
    const stored = parse(await this.redis.run((client) => client.get(key)));
    if (stored !== undefined && timeLeft(stored, this.settings, Date.now()) > 0) {
      this.hit.inc();
      return stored;
    }
    const answer = await this.inner.lookUp(number);
    if (answer instanceof ConnectionFailedError) throw answer;
    this.#store(key, answer);
    return answer;
  }

  /** Does not wait for Redis. */
  #store(key: string, answer: ContactAnswer): void {
    const PX = Math.floor(timeLeft(answer, this.settings, Date.now()));
    if (PX <= 0) return;
    const { number: n, unreliable: u, version: v, knownSince: t } = answer;
    void this.redis.run((client) => client.set(key, JSON.stringify({ n, u, v, t }), { PX }));
  }
}

/** Undefined if there is no answer, or it is malformed. */
function parse(text: string | null | undefined): ContactAnswer | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return storedAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
