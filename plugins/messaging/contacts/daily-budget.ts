import {
  ConnectionFailedError,
  ExecutionFailedError,
  type LabelledCounter,
  type LabelledGauge,
  type Logger,
  type Metrics,
  type Redis,
  type RedisClient,
} from 'esp-host';
import { outcomeOf } from '../errors.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** Counts the lookups of a day. */
export interface DailyUsage {
  /**
   * Adds lookups, and returns the total of the day.
   * @param day from `dayOf`
   * @param lookups negative: they were not made after all
   */
  add(day: string, lookups: number): number | Promise<number>;
}

/** Counts the lookups of this host. It ignores days that are over. */
export class LocalUsage implements DailyUsage {
  #day = '';
  #total = 0;

  add(day: string, lookups: number): number {
    if (day > this.#day) this.set(day, 0);
    if (day < this.#day) return 0;
    this.#total = Math.max(0, this.#total + lookups);
    return this.#total;
  }

  set(day: string, total: number): void {
    if (day < this.#day) return;
    this.#day = day;
    this.#total = total;
  }
}

/** The UTC day of a time in ms since the epoch: `2026-11-30`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

const keyOf = (owner: string, day: string): string => `budget:${owner}:${day}`;

/** The lookups of all hosts on a day, as far as Redis knows. */
export const sharedUsage = async (client: RedisClient, owner: string, day: string): Promise<number> =>
  Number((await client.get(keyOf(owner, day))) ?? 0);

/** How long Redis keeps the count of a day. */
const KEPT_S = 2 * 24 * 3600;

/**
 * Counts the lookups of all hosts that share a Redis. While Redis is down, a host continues from the last total it
 * knows, and adds its own lookups when Redis is back. If Redis has lost the day, it takes the total from the host.
 */
export class SharedUsage implements DailyUsage {
  readonly #known = new LocalUsage();
  readonly #unsent = new LocalUsage();

  /** @param owner the channel's own number, whose lookups count together */
  constructor(
    private readonly redis: Redis,
    private readonly owner: string,
  ) {}

  async add(day: string, lookups: number): Promise<number> {
    const before = this.#known.add(day, 0);
    const own = this.#known.add(day, lookups);
    const unsent = this.#unsent.add(day, 0);
    this.#unsent.set(day, 0);
    const total = await this.#addShared(day, lookups + unsent, Math.max(0, before - unsent));
    if (total === undefined) this.#unsent.add(day, lookups + unsent);
    else this.#known.set(day, total);
    return total ?? own;
  }

  /** Returns undefined while Redis is down. @param known the total to begin with if Redis has none */
  #addShared(day: string, lookups: number, known: number): Promise<number | undefined> {
    const key = keyOf(this.owner, day);
    return this.redis.run(async (client) => {
      // Only reads: it must not start the day at 0 while other hosts know a total.
      if (lookups === 0 && known === 0) return sharedUsage(client, this.owner, day);
      const start = { condition: 'NX', expiration: { type: 'EX', value: KEPT_S } } as const;
      const [, total] = await client.multi().set(key, String(known), start).incrBy(key, lookups).exec();
      return Number(total);
    });
  }
}

export interface BudgetSettings {
  /** Maximum lookups from midnight to midnight UTC. */
  readonly lookupsPerDay: number;
  /** The share of the budget after which the log warns, once a day. */
  readonly warnAt: number;
  /** The answer when the budget is spent. */
  readonly whenSpent: 'fault' | 'empty';
}

const NOT_LOOKED_UP: ContactAnswer = {
  number: undefined,
  unreliable: false,
  version: undefined,
  knownSince: undefined,
};

/**
 * Limits the lookups of a day. Providers warn, and then ban, numbers that look up more contacts than they write to. A
 * lookup counts when it starts, and is given back if the API was not reached.
 */
export class BudgetedLookup implements ContactLookup {
  readonly #left: LabelledGauge;
  /** The days for which the log has warned. */
  readonly #warned = { soon: '', spent: '' };

  constructor(
    private readonly inner: ContactLookup,
    private readonly channel: string,
    private readonly settings: BudgetSettings,
    private readonly usage: DailyUsage,
    private readonly logger: Logger,
    metrics: Metrics,
    private readonly rejected: LabelledCounter,
    private readonly now: () => number = Date.now,
  ) {
    const help = "Lookups that are left of the day's budget (UTC) of a channel";
    this.#left = metrics.gauge('esp_contacts_budget_left', help, { channel });
    const limit = metrics.gauge('esp_contacts_budget_limit', 'Lookups that a channel may make a day', { channel });
    limit.set(settings.lookupsPerDay);
    const read = (): void => void this.#add(this.#today(), 0);
    read();
    // Other hosts make lookups too: each reading of the metrics shows the total at the previous one, or a later one.
    metrics.collect(read);
  }

  async lookUp(number: string): Promise<ContactAnswer> {
    const day = this.#today();
    const total = await this.#add(day, 1);
    if (total > this.settings.lookupsPerDay) {
      void this.#add(day, -1);
      return this.#reject();
    }
    try {
      const answer = await this.inner.lookUp(number);
      if (answer instanceof ConnectionFailedError) throw answer;
      return answer;
    } catch (error) {
      if (neverReached(error)) void this.#add(day, -1);
      throw error;
    }
  }

  async #add(day: string, lookups: number): Promise<number> {
    const total = await this.usage.add(day, lookups);
    if (day !== this.#today()) return total;
    this.#left.set(Math.max(0, this.settings.lookupsPerDay - total));
    if (total >= this.settings.lookupsPerDay * this.settings.warnAt) this.#warn(day, total);
    return total;
  }

  #reject(): ContactAnswer {
    this.rejected.inc();
    if (this.settings.whenSpent === 'empty') return NOT_LOOKED_UP;
    throw new ExecutionFailedError(this.channel, `budget of ${this.settings.lookupsPerDay} lookups a day is spent`);
  }

  #warn(day: string, total: number): void {
    const { lookupsPerDay, whenSpent } = this.settings;
    const { channel } = this;
    const until = `until 00:00 UTC (contacts.limits.whenSpent: ${whenSpent})`;
    if (total >= lookupsPerDay && this.#warned.spent !== day) {
      this.logger.warn(`channel ${channel}: today's ${lookupsPerDay} lookups are spent ${until}`, { channel });
      this.#warned.spent = day;
    } else if (total < lookupsPerDay && this.#warned.soon !== day) {
      const text = `${total} of today's ${lookupsPerDay} lookups are spent; after the last, there are none ${until}`;
      this.logger.warn(`channel ${channel}: ${text}`, { channel });
    }
    this.#warned.soon = day;
  }

  #today(): string {
    return dayOf(this.now());
  }
}

function neverReached(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === 'unreachable' || outcome === 'refused' || outcome === 'not_made';
}
