import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from '../redis.js';

/** Gives calls their turns, spread evenly: at most so many in any second, not just in each. */
export interface Turns {
  /** Resolves when it is the turn of one more call. */
  next(): Promise<void>;
}

/** Those of this host alone. */
export class OwnTurns implements Turns {
  #next = Number.NEGATIVE_INFINITY;

  constructor(private readonly perSecond: number) {}

  async next(): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + 1000 / this.perSecond;
    if (turn > now) await sleep(turn - now);
  }
}

/**
 * The same by the clock of Redis: gives the ms until the turn. ARGV[1]: the ms between two turns. The key holds when the
 * next turn is and when that was written. A time of writing that lies ahead tells of a clock that was set back, as at a
 * failover to a server whose clock is behind: what is left of the wait then counts from now on. Otherwise everybody
 * would wait until the clock is where it was.
 */
const NEXT = `
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

/** Those of all hosts that share a Redis; while it is away, each host takes its own. */
export class SharedTurns implements Turns {
  readonly #own: OwnTurns;

  /** @param owner the channel's own number, whose calls are counted together */
  constructor(
    private readonly redis: Redis,
    private readonly owner: string,
    private readonly perSecond: number,
  ) {
    this.#own = new OwnTurns(perSecond);
  }

  async next(): Promise<void> {
    const script = { keys: [`turns:${this.owner}`], arguments: [String(1000 / this.perSecond)] };
    const wait = await this.redis.run((client) => client.eval(NEXT, script));
    if (wait === undefined) return this.#own.next();
    if (Number(wait) > 0) await sleep(Number(wait));
  }
}
