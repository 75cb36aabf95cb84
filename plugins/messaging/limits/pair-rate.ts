import type { Redis } from 'esp-host';
import { LRUCache } from 'lru-cache';

/** WhatsApp takes a message every 6 s to one customer, and 45 at once, which then count against the next ones. */
const INTERVAL_MS = 6000;
const BURST = 45;

/** How long a customer's messages count. */
const KEPT_MS = INTERVAL_MS * BURST;

/** Customers in memory. The one that was written to least recently is forgotten first. */
const CUSTOMERS = 100_000;

/**
 * The state of one customer: when all messages so far would have been sent at the steady rate, in ms. (Generic cell
 * rate algorithm)
 * @returns the ms until a message may be sent, 0 if it may now, and the state after it
 */
export function takePair(paidUntil: number, now: number): { readonly waitMs: number; readonly paidUntil: number } {
  // A clock that was set back must not block a customer for longer than the messages count.
  const from = Math.min(Math.max(paidUntil, now), now + KEPT_MS);
  const waitMs = from - now - (BURST - 1) * INTERVAL_MS;
  return waitMs > 0 ? { waitMs, paidUntil: from } : { waitMs: 0, paidUntil: from + INTERVAL_MS };
}

/** The same by the clock of Redis. ARGV: interval, burst. Returns the ms to wait. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local from = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now), now + interval * burst)
local wait = from - now - (burst - 1) * interval
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%d', from + interval), 'PX', from + interval - now)
return 0
`;

/** @param owner the phone number id */
export const pairKey = (owner: string, customer: string): string => `pair:${owner}:${customer}`;

/** Limits the messages to one customer, of this host or of all that share a Redis. */
export class PairRate {
  readonly #paidUntil = new LRUCache<string, number>({ max: CUSTOMERS });

  /** @param owner the phone number id, whose messages count together */
  constructor(
    private readonly redis: Redis | undefined,
    private readonly owner: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts a message, unless it exceeds the limit. @returns the ms until one may be sent; 0: now */
  async take(customer: string): Promise<number> {
    // Counted here too, so that this host knows its own messages when Redis is away.
    const { waitMs, paidUntil } = takePair(this.#paidUntil.get(customer) ?? 0, this.now());
    this.#paidUntil.set(customer, paidUntil);
    const script = { keys: [pairKey(this.owner, customer)], arguments: [String(INTERVAL_MS), String(BURST)] };
    const shared = await this.redis?.run((client) => client.eval(TAKE, script));
    return shared === undefined ? waitMs : Number(shared);
  }
}
