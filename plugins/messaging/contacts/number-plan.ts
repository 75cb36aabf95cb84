import { PhoneNumbers } from '../phone-numbers.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** No network: whether the number plan of its country has the number. Not whether it is anybody's, or on WhatsApp. */
export class NumberPlan implements ContactLookup {
  async lookUp(number: string): Promise<ContactAnswer> {
    const waId = PhoneNumbers.inNumberPlan(number) ? number.slice(1) : undefined;
    return { waId, unreliable: false, version: undefined };
  }

  close(): void {}
}
