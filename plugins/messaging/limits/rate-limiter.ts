import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'esp-host';

/** Spreads calls evenly, so that no second has more than the limit, wherever it begins. */
export interface RateLimiter {
  /** Resolves when one more call may start. @returns the ms that it waited */
  turn(): Promise<number>;
}

/** Limits the calls of this host. */
export class LocalRateLimiter implements RateLimiter {
  #next = Number.NEGATIVE_INFINITY;

  constructor(private readonly perSecond: number) {}

  async turn(): Promise<number> {
    const now = performance.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + 1000 / this.perSecond;
    if (turn > now) await sleep(turn - now);
    return turn - now;
  }
}

/**
 * The same by the clock of Redis. Returns the ms to wait. ARGV[1]: the ms between two turns. The key stores the time of
 * the next turn and when it was written. If it was written in the future, the clock was set back, for instance by a
 * failover to a server whose clock is behind. Then the rest of the wait counts from now. Otherwise all hosts would wait
 * until the clock has caught up.
 */
const NEXT_TURN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local turn, written = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%S+)$')
turn, written = tonumber(turn or 0), tonumber(written or 0)
if written > now then turn = turn - written + now end
turn = math.max(now, turn)
local next = turn + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.3f %.3f', next, now), 'PX', math.ceil(next - now))
return math.ceil(turn - now)
`;

/** Limits the calls of all hosts that share a Redis. While Redis is down, each host limits its own. */
export class SharedRateLimiter implements RateLimiter {
  readonly #local: LocalRateLimiter;

  /** @param owner the channel's own number, whose calls count together */
  constructor(
    private readonly redis: Redis,
    private readonly owner: string,
    private readonly perSecond: number,
  ) {
    this.#local = new LocalRateLimiter(perSecond);
  }

  async turn(): Promise<number> {
    const script = { keys: [`turns:${this.owner}`], arguments: [String(1000 / this.perSecond)] };
    const wait = await this.redis.run((client) => client.eval(NEXT_TURN, script));
    if (wait === undefined) return this.#local.turn();
    if (Number(wait) > 0) await sleep(Number(wait));
    return Number(wait);
  }
}
