import type { Redis, RedisClient } from '../redis.js';

/** Counts the lookups of a day. */
export interface Spending {
  /** Adds `lookups` (fewer than 0: gives back) and says how many there are now. @param day of `dayOf` */
  add(day: string, lookups: number): number | Promise<number>;
}

/** Those of this host alone. A day that is over is no longer counted. */
export class OwnSpending implements Spending {
  #day = '';
  #spent = 0;

  add(day: string, lookups: number): number {
    if (day > this.#day) this.set(day, 0);
    if (day < this.#day) return 0;
    this.#spent = Math.max(0, this.#spent + lookups);
    return this.#spent;
  }

  set(day: string, spent: number): void {
    if (day < this.#day) return;
    this.#day = day;
    this.#spent = spent;
  }
}

/** The day of a time in milliseconds since 1970, UTC: `2026-11-30`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

const keyOf = (owner: string, day: string): string => `budget:${owner}:${day}`;

/** What all hosts together have spent of a day, as far as Redis knows. */
export const sharedSpent = async (client: RedisClient, owner: string, day: string): Promise<number> =>
  Number((await client.get(keyOf(owner, day))) ?? 0);

/** How long Redis keeps a day's count. */
const KEPT_S = 2 * 24 * 3600;

/**
 * Those of all hosts that share a Redis. While it is away, a host counts on from what it knew last, and adds what it
 * spent alone as soon as Redis is back; where Redis has forgotten the day, it learns it from the host.
 */
export class SharedSpending implements Spending {
  readonly #own = new OwnSpending();
  readonly #unsent = new OwnSpending();

  /** @param owner the channel's own number, whose lookups are counted together */
  constructor(
    private readonly redis: Redis,
    private readonly owner: string,
  ) {}

  async add(day: string, lookups: number): Promise<number> {
    const before = this.#own.add(day, 0);
    const own = this.#own.add(day, lookups);
    const unsent = this.#unsent.add(day, 0);
    this.#unsent.set(day, 0);
    const total = await this.#addShared(day, lookups + unsent, Math.max(0, before - unsent));
    if (total === undefined) this.#unsent.add(day, lookups + unsent);
    else this.#own.set(day, total);
    return total ?? own;
  }

  /** Undefined where Redis is away. @param known what the day's count begins with where Redis has none */
  #addShared(day: string, lookups: number, known: number): Promise<number | undefined> {
    const key = keyOf(this.owner, day);
    return this.redis.run(async (client) => {
      const start = { condition: 'NX', expiration: { type: 'EX', value: KEPT_S } } as const;
      const [, total] = await client.multi().set(key, String(known), start).incrBy(key, lookups).exec();
      return Number(total);
    });
  }
}
