import {
  type CountryCode,
  Metadata,
  type PhoneNumber,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { NotE164Error } from './errors.js';

/** The numbers that WhatsApp knows, in E.164. */
export class Directory {
  readonly #numbers = new Set<string>();

  /** Throws NotE164Error for anything but E.164; true if the number is new. */
  add(number: string): boolean {
    parseE164(number);
    if (this.#numbers.has(number)) return false;
    this.#numbers.add(number);
    return true;
  }

  /** True if the number was there. */
  remove(number: string): boolean {
    return this.#numbers.delete(number);
  }

  has(number: string): boolean {
    return this.#numbers.has(number);
  }

  /** In the order in which they were added. */
  list(): string[] {
    return [...this.#numbers];
  }
}

/** What a text was understood as: digits with the country code first, and whether a number can have that many. */
export interface UnderstoodNumber {
  readonly digits: string;
  readonly possible: boolean;
}

/** Reads a possible number in E.164: plus, country code, number, nothing else. Throws NotE164Error. */
export function parseE164(text: unknown): PhoneNumber {
  if (typeof text !== 'string') throw new NotE164Error(`a string in E.164 is expected, not ${typeof text}`);
  const wrong = `'${text}' is not in E.164`;
  if (!/^\+[1-9]\d{1,14}$/.test(text)) {
    throw new NotE164Error(`${wrong}: a plus and 2 to 15 digits, country code first, are expected ("+919876543210")`);
  }
  const number = parsePhoneNumberFromString(text);
  if (!number) throw new NotE164Error(`${wrong}: there is no such country code`);
  if (!number.isPossible())
    throw new NotE164Error(`${wrong}: +${number.countryCallingCode} has no number of that length`);
  if (number.number !== text) throw new NotE164Error(`${wrong}: that number is written ${number.number}`);
  return number;
}

/**
 * Understands numbers as a client does that is registered under `registeredNumber` (E.164). After a leading plus comes
 * the country code; without a plus it is that of the registered number, whatever the digits begin with: `00` or `011`
 * is no plus. National prefixes go as the registered number's region has them.
 */
export class NumberReader {
  readonly #callingCode: string;
  readonly #region: CountryCode | undefined;
  readonly #exitCode: RegExp;

  constructor(registeredNumber: string) {
    const registered = parseE164(registeredNumber);
    this.#callingCode = registered.countryCallingCode;
    this.#region = registered.country;
    this.#exitCode = exitCodeOf(this.#region);
  }

  /** Undefined where `text` has no digit. */
  read(text: string): UnderstoodNumber | undefined {
    const plain = text.replaceAll('\uFF0B', '+');
    const digits = parseDigits(plain);
    if (digits === '') return undefined;
    const number = parsePhoneNumberFromString(plain, this.#defaults(plain, digits));
    return number ? { digits: number.number.slice(1), possible: number.isPossible() } : { digits, possible: false };
  }

  /** libphonenumber takes a region's exit code for a plus; with the calling code alone it doesn't. */
  #defaults(text: string, digits: string): { defaultCountry: CountryCode } | { defaultCallingCode: string } {
    const dialledOut = !text.includes('+') && this.#exitCode.test(digits);
    if (!this.#region || dialledOut) return { defaultCallingCode: this.#callingCode };
    return { defaultCountry: this.#region };
  }
}

function exitCodeOf(region: CountryCode | undefined): RegExp {
  const metadata = new Metadata();
  if (region) metadata.selectNumberingPlan(region);
  return region && metadata.numberingPlan ? new RegExp(`^(?:${metadata.numberingPlan.IDDPrefix()})`) : /^(?!)/;
}
