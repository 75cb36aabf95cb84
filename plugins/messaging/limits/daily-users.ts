import type { Redis, RedisClient } from 'esp-host';
import type { ConfiguredChannel } from '../config/index.js';

const DAY_MS = 24 * 3_600_000;

/** The count after a message, and the ms until one to this customer may be sent; 0: now. */
export interface UsersTaken {
  readonly users: number;
  readonly waitMs: number;
  /**
   * For a message that was not sent: no longer counts the customer, unless another message to the customer has been
   * counted since. Undefined if the customer counted before. Returns the count after it.
   */
  readonly giveBack?: (() => number | Promise<number>) | undefined;
}

/** Counts the different customers of the last 24 hours on this host. */
export class LocalUsers {
  /** The last message to each, the least recent first. */
  readonly #last = new Map<string, { readonly at: number }>();

  constructor(private readonly most: number) {}

  get count(): number {
    return this.#last.size;
  }

  take(customer: string, now: number): UsersTaken {
    this.#forget(now);
    const isNew = !this.#last.has(customer);
    const [oldest = { at: now }] = this.#last.values();
    if (isNew && this.count >= this.most) {
      return { users: this.count, waitMs: oldest.at + DAY_MS - now };
    }
    const message = { at: now };
    this.#last.delete(customer);
    this.#last.set(customer, message);
    return { users: this.count, waitMs: 0, giveBack: isNew ? () => this.#giveBack(customer, message) : undefined };
  }

  #giveBack(customer: string, message: object): number {
    if (this.#last.get(customer) === message) this.#last.delete(customer);
    return this.count;
  }

  #forget(now: number): void {
    for (const [customer, { at }] of this.#last) {
      if (at > now - DAY_MS) return;
      this.#last.delete(customer);
    }
  }
}

/**
 * The same by the clock of Redis, in microseconds, so that no two messages have the same time. ARGV: the customer, the
 * limit, a day. Returns the count, the ms to wait, and when the customer was added; '': was not added.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local day = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - day)
local users = redis.call('ZCARD', KEYS[1])
local isNew = redis.call('ZSCORE', KEYS[1], ARGV[1]) == false
if isNew and users >= tonumber(ARGV[2]) then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return { users, math.max(1, math.ceil(oldest[2] + day - now)), '' }
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], day)
if not isNew then return { users, 0, '' } end
return { users + 1, 0, string.format('%.17g', now) }
`;

/** ARGV: the customer, and when it was added. Removes it unless a later message was counted, and returns the count. */
const GIVE_BACK = `
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return redis.call('ZCARD', KEYS[1])
`;

/** Whether a channel counts its customers. */
export const limitsUsers = ({ settings: { api } }: ConfiguredChannel): boolean =>
  api.driver === 'cloud' && api.limits.usersPerDay !== undefined;

const PROBE = `
redis.call('ZADD', KEYS[1], 1, 'probe')
redis.call('PEXPIRE', KEYS[1], 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', 0)
redis.call('ZCARD', KEYS[1])
redis.call('ZSCORE', KEYS[1], 'probe')
redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('ZREM', KEYS[1], 'probe')
`;

/** Runs each command of the scripts. @throws Error if the server rejects one */
export async function probeUsers(client: RedisClient): Promise<void> {
  await client.eval(PROBE, { keys: ['probe:users'] });
}

/** @param owner the business account */
export const usersKey = (owner: string): string => `users:${owner}`;

/** Limits the different customers of 24 hours, of this host or of all that share a Redis. */
export class DailyUsers {
  readonly #local: LocalUsers;

  /** @param owner the business account, whose customers count together */
  constructor(
    private readonly redis: Redis | undefined,
    private readonly owner: string,
    private readonly most: number,
    private readonly now: () => number = Date.now,
  ) {
    this.#local = new LocalUsers(most);
  }

  /** Counts a message to a customer, unless it exceeds the limit. */
  async take(customer: string): Promise<UsersTaken> {
    // Counted here too, so that this host knows its own customers when Redis is away.
    const own = this.#local.take(customer, this.now());
    const shared = await this.#run(TAKE, customer, String(this.most), String(DAY_MS));
    if (!Array.isArray(shared)) return own;
    const [users, waitMs, addedAt = ''] = shared.map(String);
    const taken = { users: Number(users), waitMs: Number(waitMs) };
    if (taken.waitMs > 0) own.giveBack?.();
    const isNew = own.giveBack !== undefined || addedAt !== '';
    if (taken.waitMs > 0 || !isNew) return taken;
    return { ...taken, giveBack: () => this.#giveBack(customer, own, addedAt) };
  }

  /** @param addedAt if Redis has added the customer; else '' */
  async #giveBack(customer: string, own: UsersTaken, addedAt: string): Promise<number> {
    own.giveBack?.();
    return Number((await this.#run(GIVE_BACK, customer, addedAt)) ?? this.#local.count);
  }

  #run(script: string, ...values: string[]): Promise<unknown> | undefined {
    return this.redis?.run((client) => client.eval(script, { keys: [usersKey(this.owner)], arguments: values }));
  }
}
