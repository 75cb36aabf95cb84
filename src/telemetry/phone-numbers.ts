/** Digits of a phone number that stay to be seen, so that who knows it can find it. */
const SHOWN = 3;

/** A number in E.164 has at most 15 digits; fewer than 7 are somebody's only within a building. */
const DIGITS = { min: 7, max: 15 };

/** What has as many digits as a phone number, and is none. */
const OTHERS = [
  String.raw`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])`,
  String.raw`(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.])`,
  // Milliseconds since 1970: after the country code 1 come ten digits, not twelve.
  String.raw`1\d{12}(?![\d-])`,
  String.raw`[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}`,
  String.raw`first bytes [\da-f]+`,
  String.raw`(?:ReferenceId|byte|length|limit of|place of|claims|poll)[ =:]+\d+`,
  String.raw`\d+ (?:ms|s|bytes|B|entries|are left|are missing|of \d+ bytes)\b`,
].map((other) => String.raw`(?<![\d.+])${other}`);

/** Digits with what people write between them; no part of a hexadecimal number, unless a URL wrote a plus before it. */
const PHONE = String.raw`(?:(?<![\p{Nd}a-f])|(?<=%[\da-f]{2}))[+\uff0b]?\(?\p{Nd}(?:[ \u00a0().\-\u2010-\u2015]{0,3}\p{Nd}){6,}(?![\p{Nd}a-f])`;

const PATTERN = new RegExp(`${OTHERS.join('|')}|(?<phone>${PHONE})`, 'giu');

/** The text with all digits but the last three of each phone number as `*`. */
export function maskPhoneNumbers(text: string): string {
  return text.replace(PATTERN, (...match) => {
    const { phone } = match.at(-1) as { phone?: string };
    return phone === undefined ? (match[0] as string) : masked(phone);
  });
}

/** Too many digits may be several numbers, one behind the other. */
function masked(phone: string): string {
  const count = digitsOf(phone);
  if (count > DIGITS.max) return /\s/.test(phone) ? phone.replace(/\S+/g, masked) : phone;
  if (count < DIGITS.min) return phone;
  let left = count - SHOWN;
  return phone.replace(/\p{Nd}/gu, (digit) => (left-- > 0 ? '*' : digit));
}

const digitsOf = (text: string): number => text.match(/\p{Nd}/gu)?.length ?? 0;

/** How deep fields of a log line are looked into. */
const DEPTH = 8;

/** The same for every text and every key in a value; the value itself stays as it is. */
export function maskPhoneNumbersIn(value: unknown, depth = DEPTH): unknown {
  if (typeof value === 'string') return maskPhoneNumbers(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[...]';
  if (Array.isArray(value)) return value.map((item) => maskPhoneNumbersIn(item, depth - 1));
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    maskPhoneNumbers(key),
    maskPhoneNumbersIn(item, depth - 1),
  ]);
  return Object.fromEntries(entries);
}
