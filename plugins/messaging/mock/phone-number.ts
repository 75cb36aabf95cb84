import {
  type CountryCode,
  Metadata,
  type PhoneNumber,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { NotE164Error } from './errors.js';

/** The numbers on WhatsApp, in E.164 format. */
export class Directory {
  readonly #numbers = new Set<string>();

  /** Adds a number. Returns whether it is new. Throws NotE164Error. */
  add(number: string): boolean {
    parseE164(number);
    if (this.#numbers.has(number)) return false;
    this.#numbers.add(number);
    return true;
  }

  /** Removes a number. Returns whether it existed. */
  remove(number: string): boolean {
    return this.#numbers.delete(number);
  }

  has(number: string): boolean {
    return this.#numbers.has(number);
  }

  /** In insertion order. */
  list(): string[] {
    return [...this.#numbers];
  }
}

/** A parsed number: its digits with the country code, and whether its length is possible. */
export interface UnderstoodNumber {
  readonly digits: string;
  readonly possible: boolean;
}

/** Parses a phone number in E.164 format. Throws NotE164Error. */
export function parseE164(text: unknown): PhoneNumber {
  if (typeof text !== 'string') throw new NotE164Error(`expected a string in E.164 format, not ${typeof text}`);
  const wrong = `'${text}' is not in E.164 format`;
  if (!/^\+[1-9]\d{1,14}$/.test(text)) {
    throw new NotE164Error(
      `${wrong}: expected a plus and 2 to 15 digits, starting with the country code ("+919876543210")`,
    );
  }
  const number = parsePhoneNumberFromString(text);
  if (!number) throw new NotE164Error(`${wrong}: unknown country code`);
  if (!number.isPossible())
    throw new NotE164Error(`${wrong}: +${number.countryCallingCode} has no number of that length`);
  if (number.number !== text) throw new NotE164Error(`${wrong}: write ${number.number}`);
  return number;
}

/**
 * Parses numbers like a client registered with `registeredNumber` (E.164). Numbers without a leading plus get its country
 * code; exit codes such as `00` or `011` do not count as a plus. National prefixes follow the rules of its region.
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

  /** Undefined if `text` has no digits. */
  read(text: string): UnderstoodNumber | undefined {
    const plain = text.replaceAll('\uFF0B', '+');
    const digits = parseDigits(plain);
    if (digits === '') return undefined;
    const number = parsePhoneNumberFromString(plain, this.#defaults(plain, digits));
    return number ? { digits: number.number.slice(1), possible: number.isPossible() } : { digits, possible: false };
  }

  /** libphonenumber treats a region's exit code as a plus, but not if it is given only the calling code. */
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
