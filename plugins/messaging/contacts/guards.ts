import type { LabelledCounter } from 'esp-host';
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

  lookUp(number: string): ContactAnswer | Promise<ContactAnswer> {
    this.count.miss.inc();
    try {
      this.breaker.check();
    } catch (error) {
      this.count.turnedAway.inc();
      throw error;
    }
    return this.inner.lookUp(number);
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
