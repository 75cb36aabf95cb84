import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskSecrets, maskText, maskUrl } from '../../src/telemetry/index.js';
import { maskPhoneNumbers } from '../../src/telemetry/phone-numbers.js';

/** Fragments that make a regular expression for secrets or phone numbers try the same characters over and over. */
const FRAGMENTS = [
  '"token',
  '\\"token',
  '\\"',
  '"token":',
  '"token" :\\',
  'token',
  '&token',
  '?a',
  '=token&',
  'a.',
  '://',
  'http://a',
  'http://@',
  'Basic ',
  'Bearer a',
  ' ',
  '\n',
  '1-',
  '1',
  '1 ',
  '1111111-',
  '(1',
  '%11',
  '1a',
  '1.1.1.1:',
  'byte ',
  '1 of ',
  '{"a":',
  '["',
];

const MASKS = { maskSecrets, maskText, maskUrl, maskPhoneNumbers };

describe.each(Object.entries(MASKS))('%s takes time for each character once', (_name, mask) => {
  // The time of a regular expression that backtracks grows with the square of the length, or its cube: minutes for each
  // of these.
  it.each(FRAGMENTS)('half a megabyte of %j', (fragment) => {
    const text = fragment.repeat(500_000 / fragment.length);
    expect(mask(`"=${text}`).length).toBeLessThan(1_000_000);
    expect(mask(`Bearer ${text}x`).length).toBeLessThan(1_000_000);
  });
});

it('15 MB of separated digits do not overflow the stack', () => {
  const text = '1-'.repeat(7_500_000);
  expect(maskPhoneNumbers(text) === text).toBe(true);
});

/** What is masked, as regular expressions say it best: their time may grow with the cube of the length. */
const NAME = 'password|secret|token|api[-_]?key|authorization|credential';
const BEGIN = '(?:(?<![\\p{Nd}a-f])|(?<=%[\\da-f]{2}))[+\\uff0b]?\\(?';
const MEANING = {
  user: /:\/\/[^\s"'<>/?#@]*@/g,
  parameter: new RegExp(String.raw`([?&][\w.%-]*(?:${NAME})[\w.%-]*=)[^&#\s"'<>]*`, 'gi'),
  member: new RegExp(
    String.raw`("(?:[^"\\]|\\.)*(?:${NAME})(?:[^"\\]|\\.)*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",{}[\]]+|[{[][\s\S]*)`,
    'gi',
  ),
  field: new RegExp(`((?:^|[?&])[^=&?#]*(?:${NAME})[^=&?#]*=)[^&#]*`, 'gi'),
  phone: new RegExp(String.raw`${BEGIN}\p{Nd}(?:[ \u00a0().\-\u2010-\u2015]{0,3}\p{Nd}){6,}(?![\p{Nd}a-f])`, 'giu'),
};

const text = fc
  .array(fc.constantFrom(...'"\\{}[]:,=&?@/%+-. 1aA(\n_', 'token', 'tok', 'api_key', 'http://', '%2B', '٣'), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));

describe('masking agrees with plain regular expressions', () => {
  it('in any text', () =>
    fc.assert(
      fc.property(text, (given) => {
        const outside = given.replaceAll(MEANING.user, '://***@').replaceAll(MEANING.parameter, '$1***');
        expect(maskSecrets(given)).toBe(outside.replaceAll(MEANING.member, '$1"***"'));
      }),
      { numRuns: 2_000 },
    ));

  it('in the fields of a URL', () =>
    fc.assert(
      fc.property(text, (given) => {
        const expected = given.replaceAll(/:\/\/[^/?#@]*@/g, '://***@').replaceAll(MEANING.field, '$1***');
        expect(maskUrl(given)).toBe(expected);
      }),
      { numRuns: 2_000 },
    ));

  it('of digits, if there are enough for a number and not too many', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'1٣+-. ()ag', '  ', '%2B'), { maxLength: 24 }).map((parts) => parts.join('')),
        (given) => {
          const expected = given.replace(MEANING.phone, (phone) => {
            const count = phone.match(/\p{Nd}/gu)?.length ?? 0;
            let left = count - 3;
            return count > 15
              ? maskPhoneNumbers(phone)
              : phone.replace(/\p{Nd}/gu, (digit) => (left-- > 0 ? '*' : digit));
          });
          expect(maskPhoneNumbers(given)).toBe(expected);
        },
      ),
      { numRuns: 2_000 },
    ));
});
