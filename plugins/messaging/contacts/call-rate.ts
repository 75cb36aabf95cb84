import { setTimeout as sleep } from 'node:timers/promises';
import { ExecutionFailed, type LabelledCounter } from 'esp-host';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { CallProblem } from '../api/outcome.js';
import type { Redis } from '../shared/redis.js';
import type { ContactAnswers, ContactsCall } from './contact-lookup.js';

export interface RateSettings {
  readonly callsPerSecond: number;
  /** How long a call may wait for its turn. */
  readonly waitMs: number;
}

/** Lets so many calls a second go; one more waits for its turn. */
export class PacedCalls implements ContactsCall {
  constructor(
    private readonly inner: ContactsCall,
    private readonly channel: string,
    private readonly settings: RateSettings,
    private readonly limiter: RateLimiterAbstract,
    private readonly turnedAway: LabelledCounter,
  ) {}

  async lookUpAll(numbers: readonly string[]): Promise<ContactAnswers> {
    const latest = performance.now() + this.settings.waitMs;
    for (let wait = await this.#take(); wait > 0; wait = await this.#take()) {
      if (performance.now() + wait > latest) {
        this.turnedAway.inc(numbers.length);
        const why = `limit of ${this.settings.callsPerSecond} calls a second`;
        throw new ExecutionFailed(this.channel, why, { cause: new CallProblem('not_made', why) });
      }
      await sleep(wait);
    }
    return this.inner.lookUpAll(numbers);
  }

  /** 0: go; else the milliseconds until it is worth asking again. */
  async #take(): Promise<number> {
    try {
      await this.limiter.consume('calls');
      return 0;
    } catch (refused) {
      if (refused instanceof Error) throw refused;
      return Math.max(1, (refused as { msBeforeNext: number }).msBeforeNext);
    }
  }
}

/** @param owner the channel's own number, whose calls are counted together, those of all hosts that share a Redis */
export async function rateLimiter(
  owner: string,
  callsPerSecond: number,
  redis: Redis | undefined,
): Promise<RateLimiterAbstract> {
  // Only those who set a limit wait for it to load.
  const { RateLimiterMemory, RateLimiterRedis } = await import('rate-limiter-flexible');
  const options = { points: callsPerSecond, duration: 1, keyPrefix: `rate:${owner}` };
  const alone = new RateLimiterMemory(options);
  if (redis === undefined) return alone;
  const storeClient = { eval: (script: string, args: EvalArguments) => evaluate(redis, script, args) };
  return new RateLimiterRedis({ ...options, storeClient, useRedisPackage: true, insuranceLimiter: alone });
}

interface EvalArguments {
  readonly keys: string[];
  readonly arguments: string[];
}

/** @throws Error where Redis is away: the limiter then counts in memory */
async function evaluate(redis: Redis, script: string, args: EvalArguments): Promise<unknown> {
  const result = await redis.run((client) => client.eval(script, args));
  if (result === undefined) throw new Error('redis is away');
  return result;
}
