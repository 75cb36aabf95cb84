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

const BETWEEN = String.raw`[ \u00a0().\-\u2010-\u2015]{0,3}`;

/**
 * The first seven digits of a number, with what people write between them; no part of a hexadecimal number, unless a URL
 * wrote a plus before it. `endOf` finds the others: one expression for all would backtrack over as many as there are.
 */
const BEGINNING = String.raw`(?:(?<![\p{Nd}a-f])|(?<=%[\da-f]{2}))[+\uff0b]?\(?\p{Nd}(?:${BETWEEN}\p{Nd}){6}`;

const PATTERN = new RegExp(`${OTHERS.join('|')}|(?<phone>${BEGINNING})`, 'giu');
const MORE_DIGITS = new RegExp(String.raw`${BETWEEN}\p{Nd}+`, 'uy');
const NOT_BEHIND = /[\p{Nd}a-f]/iuy;

/** The text with all digits but the last three of each phone number as `*`. Its time grows with the text's length alone. */
export function maskPhoneNumbers(text: string): string {
  let result = '';
  let done = 0;
  PATTERN.lastIndex = 0;
  for (let found = PATTERN.exec(text); found !== null; found = PATTERN.exec(text)) {
    if (found.groups?.phone === undefined) continue;
    const end = endOf(text, PATTERN.lastIndex);
    PATTERN.lastIndex = end ?? found.index + 1;
    if (end === undefined) continue;
    result += text.slice(done, found.index) + masked(text.slice(found.index, end));
    done = end;
  }
  return result + text.slice(done);
}

/** Where the number ends whose seventh digit is before `from`: the last place with neither a digit nor a hexadecimal one behind it. */
function endOf(text: string, from: number): number | undefined {
  let end = canEnd(text, from) ? from : undefined;
  for (let at = from; ; ) {
    MORE_DIGITS.lastIndex = at;
    if (!MORE_DIGITS.test(text)) return end;
    at = MORE_DIGITS.lastIndex;
    if (canEnd(text, at)) end = at;
  }
}

function canEnd(text: string, at: number): boolean {
  NOT_BEHIND.lastIndex = at;
  return !NOT_BEHIND.test(text);
}

/** Too many digits may be several numbers, one behind the other. */
function masked(phone: string): string {
  if (TOO_MANY.test(phone)) return /\s/.test(phone) ? phone.replace(/\S+/g, masked) : phone;
  const count = phone.match(/\p{Nd}/gu)?.length ?? 0;
  if (count < DIGITS.min) return phone;
  let left = count - SHOWN;
  return phone.replace(/\p{Nd}/gu, (digit) => (left-- > 0 ? '*' : digit));
}

const TOO_MANY = new RegExp(String.raw`^(?:\P{Nd}*\p{Nd}){${DIGITS.max + 1}}`, 'u');
