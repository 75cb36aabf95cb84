import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PhoneNumbers, phoneNumberParameter, shownId } from '../../../plugins/messaging/phone-numbers.js';

const normalise = (registered: string, text: string): string | undefined =>
  new PhoneNumbers(registered).normalise(text);

describe('on a channel registered in India', () => {
  it.each([
    ['+1-631-555-1002', '+16315551002'],
    ['6315551002', '+916315551002'],
    ['1-631-555-1002', '+9116315551002'],
    ['+1 (516) 283-7151', '+15162837151'],
    ['+54 9 11 5612-1008', '+5491156121008'],
    ['9876543210', '+919876543210'],
    ['09876543210', '+919876543210'],
    ['＋１ 631 555 1002', '+16315551002'],
    ['٠٩٨٧٦٥٤٣٢١٠', '+919876543210'],
    ['tel:+1-631-555-1002', '+16315551002'],
  ])('%s is %s', (text, expected) => expect(normalise('+919876543210', text)).toBe(expected));

  it('does not treat 00 as a plus', () => expect(normalise('+919876543210', '0016315551002')).not.toBe('+16315551002'));

  it.each([['1'], ['12'], ['+999 123 456'], ['1'.repeat(300)], ['+'], ['0']])('%s makes no number', (text) =>
    expect(normalise('+919876543210', text)).toBeUndefined(),
  );
});

describe("the region is that of the channel's whole number", () => {
  it.each<[string, string, string | undefined, string]>([
    ['+12025550123', '1-631-555-1002', '+16315551002', 'the US'],
    ['+12025550123', '631 555 1002', '+16315551002', 'the US, without prefix'],
    ['+12025550123', '011 44 20 7946 0018', undefined, '011 is no plus either'],
    ['+442079460018', '020 7946 0958', '+442079460958', 'Great Britain'],
    ['+441534123456', '01534 123457', '+441534123457', 'Jersey, also +44'],
    ['+74951234567', '8 (495) 123-45-68', '+74951234568', 'Russia, whose prefix is 8'],
    ['+77172123456', '8 7172 12-34-57', '+77172123457', 'Kazakhstan, also +7'],
    ['+390612345678', '06 1234 5679', '+390612345679', 'Italy, which keeps the 0'],
    ['+525512345678', '55 1234 5679', '+525512345679', 'Mexico'],
    ['+80012345678', '1234 5679', '+80012345679', 'a number of no country'],
  ])('%s: %s is %s (%s)', (registered, text, expected, _where) => expect(normalise(registered, text)).toBe(expected));
});

it('gives the same result after any number of others', () => {
  const numbers = new PhoneNumbers('+919876543210');
  for (let round = 0; round < 2; round++) {
    for (let last = 0; last < 10_500; last += 1) {
      expect(numbers.normalise(`98765${String(last).padStart(5, '0')}`)).toBe(
        `+9198765${String(last).padStart(5, '0')}`,
      );
    }
    expect(numbers.normalise('1')).toBeUndefined();
  }
});

it('returns E.164 or nothing for any text', () => {
  const numbers = new PhoneNumbers('+919876543210');
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789+-() .ext;'), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), digits), (text) => {
      expect(numbers.normalise(text) ?? '+10').toMatch(/^\+[1-9]\d+$/);
    }),
  );
});

it('keeps numbers that are already E.164', () => {
  const numbers = new PhoneNumbers('+442079460018');
  const area = fc.integer({ min: 201, max: 989 });
  fc.assert(
    fc.property(area, fc.integer({ min: 2_000_000, max: 9_999_999 }), (code, line) => {
      expect(numbers.normalise(`+1${code}${line}`)).toBe(`+1${code}${line}`);
    }),
  );
});

it('rejects texts that are longer than any number without parsing them', () => {
  const numbers = new PhoneNumbers('+919876543210');
  const huge = '9876543210'.repeat(1_500_000);
  const { heapUsed } = process.memoryUsage();
  expect(numbers.normalise(huge)).toBeUndefined();
  expect(numbers.normalise(`+${huge}`)).toBeUndefined();
  expect(PhoneNumbers.digits(huge)).toBe('');
  expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(5 << 20);
  expect(numbers.normalise(`${' '.repeat(239)}9876543210`)).toBe('+919876543210');
});

it('adds the area code of a region that has one of its own', () => {
  expect(new PhoneNumbers('+12464161234').normalise('4161234')).toBe('+12464161234');
});

it('knows which numbers can exist', () => {
  expect(PhoneNumbers.knows('+919876543210')).toBe(true);
  expect(PhoneNumbers.knows('+91987')).toBe(false);
  expect(PhoneNumbers.knows('+999123456789')).toBe(false);
  expect(PhoneNumbers.inNumberPlan('+916315551002')).toBe(true);
  expect(PhoneNumbers.inNumberPlan('+9116315551002')).toBe(false);
});

it('reads the digits of texts that are not longer than any number', () => {
  expect(PhoneNumbers.digits('+49 (30) ١٢٣')).toBe('4930123');
  expect([250, 251].map((length) => PhoneNumbers.digits('1'.repeat(length)).length)).toEqual([250, 0]);
});

it.each([
  ['+552187654321', '+5521987654321', ['+552187654321', '+5521987654321']],
  ['+5521987654321', '+5521987654321', ['+5521987654321', '+552187654321']],
  // Numbers that begin with 2 to 5 are of landlines, and have no ninth digit.
  ['+552127654321', '+552127654321', ['+552127654321']],
  ['+5521927654321', '+5521927654321', ['+5521927654321']],
  ['+5215512345678', '+525512345678', ['+5215512345678', '+525512345678']],
  ['+525512345678', '+525512345678', ['+525512345678', '+5215512345678']],
  ['+52155123456789', '+52155123456789', ['+52155123456789']],
  ['+5521876543210', '+5521876543210', ['+5521876543210']],
  ['+15552187654321', '+15552187654321', ['+15552187654321']],
  ['+16315551002', '+16315551002', ['+16315551002']],
  // Only whole numbers have another form.
  ['x+552187654321', 'x+552187654321', ['x+552187654321']],
  ['+5521876543219', '+5521876543219', ['+5521876543219']],
  ['+55218765432', '+55218765432', ['+55218765432']],
  ['+55x187654321', '+55x187654321', ['+55x187654321']],
  ['+552x87654321', '+552x87654321', ['+552x87654321']],
  ['+5521998765432x', '+5521998765432x', ['+5521998765432x']],
  ['+55219987654321', '+55219987654321', ['+55219987654321']],
  ['x+5521987654321', 'x+5521987654321', ['x+5521987654321']],
  ['+55x1987654321', '+55x1987654321', ['+55x1987654321']],
  ['+552x987654321', '+552x987654321', ['+552x987654321']],
  ['x+5215512345678', 'x+5215512345678', ['x+5215512345678']],
  ['x+525512345678', 'x+525512345678', ['x+525512345678']],
  ['+5255123456789', '+5255123456789', ['+5255123456789']],
  ['US.+552187654321', 'US.+552187654321', ['US.+552187654321']],
])('the number %s is now %s', (number, present, forms) => {
  expect(PhoneNumbers.present(number)).toBe(present);
  expect(PhoneNumbers.forms(number)).toEqual(forms);
});

it('no number is that of a channel but one in E.164', () => {
  expect(() => new PhoneNumbers('9876543210')).toThrow('9876543210 is not a phone number in E.164');
});

it('parses texts of up to 250 characters', () => {
  const numbers = new PhoneNumbers('+919876543210');
  for (const length of [40, 41, 250]) expect(numbers.normalise('9876543210'.padStart(length))).toBe('+919876543210');
  expect(numbers.normalise('9876543210'.padStart(251))).toBeUndefined();
});

it('a parameter with a number has a digit, of any script', () => {
  const parameter = phoneNumberParameter('The customer');
  expect(parameter.description).toBe("The customer; without a leading plus, of the country of the channel's number");
  for (const text of ['1', 'a\u0663']) expect(parameter.parse(text)).toBe(text);
  for (const text of ['', '+-', 'abc', '\u00bd'])
    expect(parameter.safeParse(text).error?.issues).toMatchObject([{ message: 'no digits' }]);
});

it('the end of the id of a message may be shown', () => {
  expect(shownId('1234567890abcdefg')).toBe('234567890abcdefg');
});
