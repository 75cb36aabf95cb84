import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from '../shared/redis.js';

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

/** The same by the clock of Redis: gives the ms until the turn. ARGV[1]: the ms between two turns. */
const NEXT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local next = turn + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil(next - now))
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
    const script = { keys: [`turn:${this.owner}`], arguments: [String(1000 / this.perSecond)] };
    const wait = await this.redis.run((client) => client.eval(NEXT, script));
    if (wait === undefined) return this.#own.next();
    if (Number(wait) > 0) await sleep(Number(wait));
  }
}
