import { PhoneNumbers } from '../phone-numbers.js';
import type { ContactAnswer, ContactLookup } from './contact-lookup.js';

/** No network: whether the number plan of its country has the number. Not whether it is anybody's, or on WhatsApp. */
export class NumberPlan implements ContactLookup {
  lookUp(number: string): ContactAnswer {
    const found = PhoneNumbers.inNumberPlan(number) ? number : undefined;
    return { number: found, unreliable: false, version: undefined, knownSince: undefined };
  }
}
