import {
  ConnectionFailedError,
  ExecutionFailedError,
  type LabelledCounter,
  type LabelledGauge,
  type Logger,
  type Metrics,
} from 'esp-host';
import { outcomeOf } from '../api/outcome.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';
import { dayOf, type Spending } from './spending.js';

export interface BudgetSettings {
  /** Numbers that may be looked up from midnight to midnight, UTC. */
  readonly lookupsPerDay: number;
  /** The share of it after which the log warns, once a day. */
  readonly warnAt: number;
  /** What is answered when it is spent. */
  readonly whenSpent: 'fault' | 'empty';
}

const NOT_LOOKED_UP: ContactAnswer = {
  number: undefined,
  unreliable: false,
  version: undefined,
  knownSince: undefined,
};

/**
 * Lets so many lookups a day go: a provider warns, then bans a number that looks up more contacts than it writes to.
 * A lookup counts when it is made, and no longer where it turns out that nothing was asked.
 */
export class BudgetedLookup implements ContactLookup {
  readonly #left: LabelledGauge;
  /** The days that the log was told of. */
  readonly #told = { soon: '', spent: '' };

  constructor(
    private readonly inner: ContactLookup,
    private readonly channel: string,
    private readonly settings: BudgetSettings,
    private readonly spending: Spending,
    private readonly logger: Logger,
    metrics: Metrics,
    private readonly turnedAway: LabelledCounter,
    private readonly now: () => number = Date.now,
  ) {
    const help = "Lookups that are left of the day's budget (UTC) of a channel";
    this.#left = metrics.gauge('esp_contacts_budget_left', help, { channel });
    const limit = metrics.gauge('esp_contacts_budget_limit', 'Lookups that a channel may make a day', { channel });
    limit.set(settings.lookupsPerDay);
    const ask = (): void => void this.#add(this.#today(), 0);
    ask();
    // The others spend, too: each reading has what was left at the one before it, at least.
    metrics.collect(ask);
  }

  async lookUp(number: string): Promise<ContactAnswer> {
    const day = this.#today();
    const spent = await this.#add(day, 1);
    if (spent > this.settings.lookupsPerDay) {
      void this.#add(day, -1);
      return this.#refuse();
    }
    try {
      const answer = await this.inner.lookUp(number);
      if (answer instanceof ConnectionFailedError) throw answer;
      return answer;
    } catch (error) {
      if (nothingAsked(error)) void this.#add(day, -1);
      throw error;
    }
  }

  async #add(day: string, lookups: number): Promise<number> {
    const spent = await this.spending.add(day, lookups);
    if (day !== this.#today()) return spent;
    this.#left.set(Math.max(0, this.settings.lookupsPerDay - spent));
    if (spent >= this.settings.lookupsPerDay * this.settings.warnAt) this.#warn(day, spent);
    return spent;
  }

  #refuse(): ContactAnswer {
    this.turnedAway.inc();
    if (this.settings.whenSpent === 'empty') return NOT_LOOKED_UP;
    throw new ExecutionFailedError(this.channel, `budget of ${this.settings.lookupsPerDay} lookups a day is spent`);
  }

  #warn(day: string, spent: number): void {
    const { lookupsPerDay, whenSpent } = this.settings;
    const { channel } = this;
    const then = `until 00:00 UTC (contacts.limits.whenSpent: ${whenSpent})`;
    if (spent >= lookupsPerDay && this.#told.spent !== day) {
      this.logger.warn(`channel ${channel}: today's ${lookupsPerDay} lookups are spent ${then}`, { channel });
      this.#told.spent = day;
    } else if (spent < lookupsPerDay && this.#told.soon !== day) {
      const text = `${spent} of today's ${lookupsPerDay} lookups are spent; then none is made ${then}`;
      this.logger.warn(`channel ${channel}: ${text}`, { channel });
    }
    this.#told.soon = day;
  }

  #today(): string {
    return dayOf(this.now());
  }
}

function nothingAsked(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === 'unreachable' || outcome === 'refused' || outcome === 'not_made';
}
