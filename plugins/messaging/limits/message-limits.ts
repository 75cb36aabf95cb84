import { ExecutionFailedError, type LabelledCounter, type LabelledGauge, type Metrics, type Redis } from 'esp-host';
import type { CloudSettings } from '../config/index.js';
import { CallError } from '../errors.js';
import { DailyUsers } from './daily-users.js';
import { PairRate } from './pair-rate.js';
import { LocalRateLimiter, type RateLimiter, SharedRateLimiter } from './rate-limiter.js';

/** The limits of Meta for the messages of one phone number, so that Meta need not refuse them. */
export class MessageLimits {
  readonly #pairs: PairRate;
  readonly #users: DailyUsers | undefined;
  readonly #rate: RateLimiter;
  readonly #usersLeft: LabelledGauge | undefined;
  readonly #limited: Readonly<Record<'throughput' | 'pair' | 'users', LabelledCounter>>;

  constructor(
    private readonly channel: string,
    private readonly settings: CloudSettings,
    redis: Redis | undefined,
    metrics: Metrics,
  ) {
    const { phoneNumberId, businessAccountId, limits } = settings;
    const owner = `messages:${phoneNumberId}`;
    this.#rate = redis
      ? new SharedRateLimiter(redis, owner, limits.messagesPerSecond)
      : new LocalRateLimiter(limits.messagesPerSecond);
    this.#pairs = new PairRate(redis, phoneNumberId);
    const help =
      'Messages that a limit of WhatsApp concerned: throughput delayed them; pair (rate to one customer) or users (of a day) refused them';
    const limited = (limit: string) => metrics.counter('esp_messages_limited_total', help, { channel, limit });
    this.#limited = { throughput: limited('throughput'), pair: limited('pair'), users: limited('users') };
    if (limits.usersPerDay === undefined) return;
    this.#users = new DailyUsers(redis, businessAccountId, limits.usersPerDay);
    const left = 'Different customers that the messaging limit leaves for the last 24 hours';
    this.#usersLeft = metrics.gauge('esp_messages_users_left', left, { channel });
    this.#usersLeft.set(limits.usersPerDay);
  }

  /**
   * Counts a message to a customer.
   * @returns gives the customer back if the message was not sent; undefined: there is nothing to give back
   * @throws ExecutionFailedError if a limit does not allow it now
   */
  async admit(customer: string): Promise<(() => Promise<void>) | undefined> {
    const pairMs = await this.#pairs.take(customer);
    if (pairMs > 0) this.#refuse('pair', 'too many messages to this customer', pairMs);
    const { usersPerDay } = this.settings.limits;
    if (this.#users === undefined || usersPerDay === undefined) return undefined;
    const showLeft = (users: number) => this.#usersLeft?.set(Math.max(0, usersPerDay - users));
    const { users, waitMs, giveBack } = await this.#users.take(customer);
    showLeft(users);
    if (waitMs > 0) this.#refuse('users', `limit of ${usersPerDay} customers in 24 hours is reached`, waitMs);
    return giveBack && (async () => void showLeft(await giveBack()));
  }

  /** Resolves when one more message may be sent. */
  async turn(): Promise<void> {
    const waitedMs = await this.#rate.turn();
    if (waitedMs > 0) this.#limited.throughput.inc();
  }

  #refuse(limit: 'pair' | 'users', why: string, waitMs: number): never {
    this.#limited[limit].inc();
    const cause = new CallError('not_made', why);
    throw new ExecutionFailedError(this.channel, `${why}; try again in ${Math.ceil(waitMs / 1000)} s`, { cause });
  }
}
