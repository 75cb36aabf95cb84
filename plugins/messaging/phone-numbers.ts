import { z } from 'esp-host';
import {
  type CountryCode,
  Metadata,
  type PhoneNumber,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

/** A parameter with a phone number, in any form that `PhoneNumbers` parses. @param what starts its description */
export const phoneNumberParameter = (what: string) =>
  z
    .string()
    .regex(/\p{Nd}/u, 'no digits')
    .describe(`${what}; without a leading plus, of the country of the channel's number`);

/** What a log may show of a message's id, which begins with the customer's number, encoded. */
export const shownId = (messageId: string): string => messageId.slice(-16);

/** Parsing takes about 10 us, so results are cached: this many, for texts of at most this length. */
const CACHED = 10_000;
const CACHED_LENGTH = 40;

/** The limit of libphonenumber, which only checks it after it has allocated memory for each character. */
const MAX_LENGTH = 250;

/**
 * Translates phone numbers to E.164, as a WhatsApp Business API client registered with a number does. After a leading
 * plus comes the country code. Without it, the country code and the national prefixes are those of the registered
 * number. (Meta, On-Premises API reference, Contacts)
 */
export class PhoneNumbers {
  readonly #region: CountryCode | undefined;
  readonly #callingCode: string;
  readonly #exitCode: RegExp | undefined;
  readonly #cache = new Map<string, string | undefined>();

  /** @param registered E.164. @throws TypeError if it is not */
  constructor(registered: string) {
    const number = parsePhoneNumberFromString(registered);
    if (number === undefined) throw new TypeError(`${registered} is not a phone number in E.164`);
    this.#region = number.country;
    this.#callingCode = number.countryCallingCode;
    this.#exitCode = exitCodeOf(number.country);
  }

  /** Whether a number of this country code and length can exist. */
  static knows(this: void, number: string): boolean {
    return parsePhoneNumberFromString(number)?.isPossible() ?? false;
  }

  /** Whether a number (E.164) is in the number plan of its country, whether or not it is assigned, or on WhatsApp. */
  static inNumberPlan(this: void, number: string): boolean {
    return parsePhoneNumberFromString(number)?.isValid() ?? false;
  }

  /**
   * The present form of a number (E.164). Ids of WhatsApp keep former ones of accounts that are older: of Brazil without the
   * ninth digit of mobile numbers, of Mexico with a 1 after the country code.
   */
  static present(this: void, number: string): string {
    if (number.startsWith('+55')) return number.replace(/^\+55(\d\d)([6-9]\d{7})$/, '+55$19$2');
    return number.startsWith('+521') ? number.replace(/^\+521(\d{10})$/, '+52$1') : number;
  }

  /**
   * All forms in which a number (E.164) may be kept: as it is, its present form, and the former one. A user id has one form.
   */
  static forms(this: void, number: string): string[] {
    const present = PhoneNumbers.present(number);
    const former = present.replace(/^\+55(\d\d)9([6-9]\d{7})$/, '+55$1$2').replace(/^\+52(\d{10})$/, '+521$1');
    return [...new Set([number, present, former])];
  }

  /** The digits of a text, as ASCII. */
  static digits(this: void, text: string): string {
    return text.length > MAX_LENGTH ? '' : parseDigits(text);
  }

  /** The number in E.164, with the plus, or undefined if no such number can exist. */
  normalise(text: string): string | undefined {
    if (text.length > CACHED_LENGTH) return text.length > MAX_LENGTH ? undefined : this.#parse(text);
    const cached = this.#cache.get(text);
    if (cached !== undefined || this.#cache.has(text)) return cached;
    const number = this.#parse(text);
    if (this.#cache.size >= CACHED) this.#cache.clear();
    this.#cache.set(text, number);
    return number;
  }

  #parse(text: string): string | undefined {
    // libphonenumber parses full-width digits, but not a full-width plus.
    const number = this.#parseInRegion(text.replaceAll('\uff0b', '+'));
    return number?.isPossible() ? number.number : undefined;
  }

  /** With a region, libphonenumber treats its exit code (00, 011) as a plus. With a calling code alone, it does not. */
  #parseInRegion(text: string): PhoneNumber | undefined {
    const dialsOut = !text.includes('+') && this.#exitCode?.test(parseDigits(text));
    if (this.#region === undefined || dialsOut) {
      return parsePhoneNumberFromString(text, { defaultCallingCode: this.#callingCode });
    }
    return parsePhoneNumberFromString(text, { defaultCountry: this.#region });
  }
}

function exitCodeOf(region: CountryCode | undefined): RegExp | undefined {
  if (region === undefined) return undefined;
  const metadata = new Metadata();
  metadata.selectNumberingPlan(region);
  const prefix = metadata.numberingPlan?.IDDPrefix();
  return prefix === undefined ? undefined : new RegExp(`^(?:${prefix})`);
}
