import {
  type CountryCode,
  Metadata,
  type PhoneNumber,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

/** Parsing takes about 10 us, so what was parsed is remembered: this many texts, none longer than that. */
const REMEMBERED = 10_000;
const REMEMBERED_LENGTH = 40;

/** libphonenumber reads no longer text either; what it does before it finds that out takes memory for each character. */
const LONGEST = 250;

/**
 * Translates phone numbers to E.164 as a WhatsApp Business API client does that is registered under `registered`
 * (E.164): after a leading plus comes the country code; without one it is that of the registered number. National
 * prefixes are those of the registered number's region. (Meta, On-Premises API reference, Contacts)
 */
export class PhoneNumbers {
  readonly #region: CountryCode | undefined;
  readonly #callingCode: string;
  readonly #exitCode: RegExp | undefined;
  readonly #known = new Map<string, string | undefined>();

  constructor(registered: string) {
    const number = parsePhoneNumberFromString(registered);
    if (number === undefined) throw new TypeError(`${registered} is no phone number in E.164`);
    this.#region = number.country;
    this.#callingCode = number.countryCallingCode;
    this.#exitCode = exitCodeOf(number.country);
  }

  /** Whether a number of this country code and length can exist. */
  static knows(this: void, number: string): boolean {
    return parsePhoneNumberFromString(number)?.isPossible() ?? false;
  }

  /** Whether the number plan of its country has this number (E.164): not whether it is anybody's, or on WhatsApp. */
  static inNumberPlan(this: void, number: string): boolean {
    return parsePhoneNumberFromString(number)?.isValid() ?? false;
  }

  /** The digits of a text, as ASCII. */
  static digits(this: void, text: string): string {
    return text.length > LONGEST ? '' : parseDigits(text);
  }

  /** The number in E.164, with the plus; undefined where the text makes no number that can exist. */
  normalise(text: string): string | undefined {
    if (text.length > REMEMBERED_LENGTH) return text.length > LONGEST ? undefined : this.#parse(text);
    const known = this.#known.get(text);
    if (known !== undefined || this.#known.has(text)) return known;
    const number = this.#parse(text);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(text, number);
    return number;
  }

  #parse(text: string): string | undefined {
    // libphonenumber reads full-width digits, but no full-width plus.
    const number = this.#understood(text.replaceAll('\uff0b', '+'));
    return number?.isPossible() ? number.number : undefined;
  }

  /** libphonenumber takes the region's exit code (00, 011) for a plus; given the calling code alone, it does not. */
  #understood(text: string): PhoneNumber | undefined {
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
