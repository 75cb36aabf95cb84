import type { ConnectionFailedError, LabelledCounter } from 'esp-host';
import type { Breaker } from '../api/breaker.js';
import type { ContactAnswer, ContactAnswers, ContactLookup, ContactsCall } from './contact-lookup.js';

export interface GuardCounters {
  /** What no cache answered. */
  readonly miss: LabelledCounter;
  readonly turnedAway: LabelledCounter;
}

/** In front of everything that waits: no request waits for an upstream that counts as away. */
export class GuardedLookup implements ContactLookup {
  constructor(
    private readonly inner: ContactLookup,
    private readonly breaker: Breaker,
    private readonly count: GuardCounters,
  ) {}

  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer> {
    this.count.miss.inc();
    const away = this.breaker.away();
    if (away === undefined) return this.inner.lookUp(number);
    this.count.turnedAway.inc();
    return away;
  }
}

/** Around each call: the breaker learns from how it ends. */
export class GuardedCalls implements ContactsCall {
  constructor(
    private readonly inner: ContactsCall,
    private readonly breaker: Breaker,
  ) {}

  async lookUpAll(numbers: readonly string[]): Promise<ContactAnswers> {
    return this.breaker.run(() => this.inner.lookUpAll(numbers));
  }
}
