import { ConnectionFailedError, ExecutionFailedError, type LabelledCounter } from 'esp-host';
import type { EvidenceSettings } from '../config/index.js';
import { PhoneNumbers } from '../phone-numbers.js';
import type { ContactAnswer, ContactLookup, Decision } from './contact-lookup.js';
import { confirms, type Evidence, expiryOf } from './evidence.js';
import type { EvidenceStore } from './evidence-store.js';

/** Looks up what the traffic of the site has shown about a number. */
export class EvidenceLookup implements ContactLookup {
  constructor(
    private readonly store: EvidenceStore,
    private readonly settings: EvidenceSettings,
    private readonly now: () => number,
  ) {}

  async lookUp(number: string): Promise<ContactAnswer> {
    const evidence = await this.store.read(PhoneNumbers.present(number));
    const decision = this.#decide(evidence);
    const isTrusted =
      decision === 'unknown' && this.settings.whenUnknown === 'trust' && PhoneNumbers.inNumberPlan(number);
    return {
      number: decision === 'confirmed' || isTrusted ? number : undefined,
      unreliable: false,
      version: undefined,
      knownSince: this.now(),
      decision,
    };
  }

  #decide(evidence: Evidence | undefined): Decision {
    if (evidence === undefined || expiryOf(evidence, this.settings) <= this.now()) return 'unknown';
    return confirms(evidence) ? 'confirmed' : 'unconfirmed';
  }
}

/** Counts what decided each answer, and faults those without evidence if the channel says so. */
export class DecidedLookup implements ContactLookup {
  /** @param faultsUnknown `whenUnknown` is `fault` */
  constructor(
    private readonly inner: ContactLookup,
    private readonly channel: string,
    private readonly faultsUnknown: boolean,
    private readonly count: Readonly<Record<Decision, LabelledCounter>>,
  ) {}

  lookUp(number: string): ContactAnswer | ConnectionFailedError | Promise<ContactAnswer> {
    const answer = this.inner.lookUp(number);
    if (answer instanceof Promise) return answer.then((one) => this.#decided(one));
    return answer instanceof ConnectionFailedError ? answer : this.#decided(answer);
  }

  #decided(answer: ContactAnswer): ContactAnswer {
    const { decision = 'unknown' } = answer;
    this.count[decision].inc();
    if (decision === 'unknown' && this.faultsUnknown) {
      throw new ExecutionFailedError(this.channel, 'no evidence whether the number is on WhatsApp');
    }
    return answer;
  }
}
