/** Digits that stay visible, so that a known number can be found. */
const SHOWN = 3;

/** E.164 allows at most 15 digits. A number of fewer than 7 is an extension. */
const DIGITS = { min: 7, max: 15 };

/** Text with as many digits as a phone number that is something else. */
const OTHERS = [
  String.raw`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])`,
  String.raw`(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.])`,
  // Milliseconds since 1970: ten digits follow the country code 1, not twelve.
  String.raw`1\d{12}(?![\d-])`,
  String.raw`[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}`,
  // A quantity.
  String.raw`\d+ (?:ms|s|bytes|B)\b`,
].map((other) => String.raw`(?<![\d.+])${other}`);

const BETWEEN = String.raw`[ \u00a0().\-\u2010-\u2015]{0,3}`;

/**
 * The first seven digits of a number, with the separators that people write, but not within a hexadecimal number, unless
 * it follows the plus of a URL. `endOf` finds the other digits: a single expression would backtrack over all of them.
 */
const BEGINNING = String.raw`(?:(?<![\p{Nd}a-f])|(?<=%[\da-f]{2}))[+\uff0b]?\(?\p{Nd}(?:${BETWEEN}\p{Nd}){6}`;

const PATTERN = new RegExp(`${OTHERS.join('|')}|(?<phone>${BEGINNING})`, 'giu');
const MORE_DIGITS = new RegExp(String.raw`${BETWEEN}\p{Nd}+`, 'uy');
const NOT_BEHIND = /[\p{Nd}a-f]/iuy;

/**
 * Replaces all but the last three digits of each phone number with `*`. Takes linear time.
 * @param isOther whether a number is known to be something else
 */
export function maskPhoneNumbers(text: string, isOther: (phone: string) => boolean = () => false): string {
  if (!canHavePhone(text)) return text;
  let result = '';
  let done = 0;
  PATTERN.lastIndex = 0;
  for (let found = PATTERN.exec(text); found !== null; found = PATTERN.exec(text)) {
    if (found.groups?.phone === undefined) continue;
    const end = endOf(text, PATTERN.lastIndex);
    if (end === undefined) continue;
    PATTERN.lastIndex = end;
    const phone = text.slice(found.index, end);
    result += text.slice(done, found.index) + (isOther(phone) ? phone : masked(phone));
    done = end;
  }
  return result + text.slice(done);
}

/** Whether there are enough digits. Most log lines have too few, and need no closer look. */
function canHavePhone(text: string): boolean {
  let missing = DIGITS.min;
  for (let at = 0; at < text.length && missing > 0; at++) {
    const code = text.charCodeAt(at);
    // Beyond ASCII, any character may be a digit.
    if ((code >= ZERO && code <= NINE) || code > ASCII_MAX) missing--;
  }
  return missing === 0;
}

const ZERO = 0x30;
const NINE = 0x39;
const ASCII_MAX = 0x7f;

/** The end of the number whose seventh digit is before `from`: the last place that no decimal or hexadecimal digit follows. */
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

/** More digits than a phone number has may be several numbers in a row. */
function masked(phone: string): string {
  if (TOO_MANY.test(phone)) return /\s/.test(phone) ? phone.replace(/\S+/g, masked) : phone;
  const count = [...phone.matchAll(/\p{Nd}/gu)].length;
  if (count < DIGITS.min) return phone;
  let left = count - SHOWN;
  return phone.replace(/\p{Nd}/gu, (digit) => (left-- > 0 ? '*' : digit));
}

const TOO_MANY = new RegExp(String.raw`^(?:\P{Nd}*\p{Nd}){${DIGITS.max + 1}}`, 'u');
