import type { Redis, RedisClient } from 'esp-host';
import { LRUCache } from 'lru-cache';
import { type Evidence, evidenceOf, newest, rankOf } from './evidence.js';

/** Evidence that Redis has not got while it was down. What is least recent is dropped beyond it. */
const UNSENT = 10_000;

/** Commands that are sent to Redis at a time. */
const AT_ONCE = 100;

/** ARGV: the rank of the evidence, and how long it counts in ms. Writes it unless Redis has newer evidence. */
const RAISE = `
local rank = tonumber(redis.call('GET', KEYS[1]) or '')
if rank and rank >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

export const sharedEvidenceKey = (number: string): string => `evidence:${number}`;

/** Writes evidence, unless Redis has newer evidence. Writing it twice changes nothing. */
export const raiseShared = (client: RedisClient, number: string, evidence: Evidence, keepMs: number) =>
  client.eval(RAISE, {
    keys: [sharedEvidenceKey(number)],
    arguments: [String(rankOf(evidence)), String(Math.ceil(keepMs))],
  });

export const readShared = async (client: RedisClient, number: string): Promise<Evidence | undefined> =>
  evidenceOf(Number((await client.get(sharedEvidenceKey(number))) ?? Number.NaN));

interface Unsent {
  readonly evidence: Evidence;
  readonly until: number;
}

/** The evidence that several hosts share through Redis. While it is down, they keep what they could not write. */
export class SharedEvidence {
  readonly #unsent = new LRUCache<string, Unsent>({ max: UNSENT });

  constructor(
    private readonly redis: Redis,
    private readonly now: () => number,
  ) {}

  /** Only what this host has not written yet, if Redis is down. */
  async read(number: string): Promise<Evidence | undefined> {
    const found = await this.redis.run(async (client) => ({ evidence: await readShared(client, number) }));
    const unsent = this.#unsent.get(number)?.evidence;
    if (found !== undefined && this.#unsent.size > 0) void this.#sendAll();
    return newest(unsent, found?.evidence);
  }

  /** @param until when the evidence no longer counts */
  async write(number: string, evidence: Evidence, until: number): Promise<void> {
    const isWritten = await this.#send(number, { evidence, until });
    if (isWritten && this.#unsent.size > 0) await this.#sendAll();
  }

  async #send(number: string, unsent: Unsent): Promise<boolean> {
    const { evidence, until } = unsent;
    const keepMs = until - this.now();
    if (keepMs <= 0) return true;
    const done = await this.redis.run((client) => raiseShared(client, number, evidence, keepMs));
    if (done !== undefined) return true;
    const known = this.#unsent.get(number);
    if (newest(known?.evidence, evidence) === evidence) this.#unsent.set(number, unsent);
    return false;
  }

  async #sendAll(): Promise<void> {
    const all = [...this.#unsent.entries()];
    this.#unsent.clear();
    while (all.length > 0) {
      await Promise.all(all.splice(0, AT_ONCE).map(([number, unsent]) => this.#send(number, unsent)));
    }
  }
}
