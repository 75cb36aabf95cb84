import type { Redis } from '../redis.js';

const DAY_MS = 24 * 3_600_000;

/** The count after a message, and the ms until one to this customer may be sent; 0: now. */
export interface UsersTaken {
  readonly users: number;
  readonly waitMs: number;
}

/** Counts the different customers of the last 24 hours on this host. */
export class LocalUsers {
  /** The last message to each, the least recent first. */
  readonly #lastAt = new Map<string, number>();

  constructor(private readonly most: number) {}

  take(customer: string, now: number): UsersTaken {
    this.#forget(now);
    const isNew = !this.#lastAt.has(customer);
    const [oldest = now] = this.#lastAt.values();
    if (isNew && this.#lastAt.size >= this.most) {
      return { users: this.#lastAt.size, waitMs: Math.max(1, oldest + DAY_MS - now) };
    }
    this.#lastAt.delete(customer);
    this.#lastAt.set(customer, now);
    return { users: this.#lastAt.size, waitMs: 0 };
  }

  #forget(now: number): void {
    for (const [customer, at] of this.#lastAt) {
      if (at > now - DAY_MS) return;
      this.#lastAt.delete(customer);
    }
  }
}

/** The same by the clock of Redis. ARGV: the customer, the limit, a day. Returns the count and the ms to wait. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - day)
local users = redis.call('ZCARD', KEYS[1])
local isNew = redis.call('ZSCORE', KEYS[1], ARGV[1]) == false
if isNew and users >= tonumber(ARGV[2]) then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return { users, math.max(1, oldest[2] + day - now) }
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], day)
if isNew then users = users + 1 end
return { users, 0 }
`;

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
    const script = { keys: [`users:${this.owner}`], arguments: [customer, String(this.most), String(DAY_MS)] };
    const shared = await this.redis?.run((client) => client.eval(TAKE, script));
    if (!Array.isArray(shared)) return own;
    const [users, waitMs] = shared;
    return { users: Number(users), waitMs: Number(waitMs) };
  }
}
