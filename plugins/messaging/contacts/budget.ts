import { ExecutionFailed, type LabelledCounter, type LabelledGauge, type Logger, type Metrics } from 'esp-host';
import { outcomeOf } from '../api/outcome.js';
import type { ContactAnswer, ContactAnswers, ContactsCall } from './contact-lookup.js';
import type { Spending } from './spending.js';

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
 * A lookup counts when it is sent, and no longer where it turns out that it never reached the API.
 */
export class BudgetedCalls implements ContactsCall {
  readonly #left: LabelledGauge;
  /** The days that the log was told of. */
  #warned = '';
  #toldSpent = '';

  constructor(
    private readonly inner: ContactsCall,
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
    void this.#spend(this.#today(), 0);
  }

  async lookUpAll(numbers: readonly string[]): Promise<ContactAnswers> {
    const day = this.#today();
    const granted = await this.#take(day, numbers.length);
    if (granted === 0) return this.#refuse(numbers);
    const asked = numbers.slice(0, granted);
    try {
      const answers = await this.inner.lookUpAll(asked);
      return granted === numbers.length ? answers : new Map([...answers, ...this.#refuse(numbers.slice(granted))]);
    } catch (error) {
      if (neverAsked(error)) void this.#spend(day, -granted);
      throw error;
    }
  }

  /** How many of `wanted` lookups the budget still allows. */
  async #take(day: string, wanted: number): Promise<number> {
    const over = Math.min(wanted, Math.max(0, (await this.#spend(day, wanted)) - this.settings.lookupsPerDay));
    if (over > 0) void this.#spend(day, -over);
    return wanted - over;
  }

  async #spend(day: string, lookups: number): Promise<number> {
    const spent = await this.spending.add(day, lookups);
    const { lookupsPerDay } = this.settings;
    this.#left.set(Math.max(0, lookupsPerDay - spent));
    if (spent >= lookupsPerDay * this.settings.warnAt) this.#warn(day, spent);
    return spent;
  }

  #refuse(numbers: readonly string[]): ContactAnswers {
    const { lookupsPerDay, whenSpent } = this.settings;
    this.turnedAway.inc(numbers.length);
    if (whenSpent === 'empty') return new Map(numbers.map((number) => [number, NOT_LOOKED_UP]));
    const why = `budget of ${lookupsPerDay} lookups a day is spent`;
    return new Map(numbers.map((number) => [number, new ExecutionFailed(this.channel, why)]));
  }

  #warn(day: string, spent: number): void {
    const { lookupsPerDay, whenSpent } = this.settings;
    const { channel } = this;
    const then = `until 00:00 UTC (contacts.limits.whenSpent: ${whenSpent})`;
    if (spent >= lookupsPerDay) {
      if (this.#toldSpent === day) return;
      this.logger.warn(`channel ${channel}: today's ${lookupsPerDay} lookups are spent, ${then}`, { channel });
      this.#toldSpent = day;
    } else if (this.#warned !== day) {
      const text = `${spent} of today's ${lookupsPerDay} lookups are spent; when all are, none is made ${then}`;
      this.logger.warn(`channel ${channel}: ${text}`, { channel });
    }
    this.#warned = day;
  }

  #today(): string {
    return new Date(this.now()).toISOString().slice(0, 10);
  }
}

/** Nothing had been asked when the call failed. */
function neverAsked(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === 'unreachable' || outcome === 'refused' || outcome === 'not_made';
}
