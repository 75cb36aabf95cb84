import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/index.js';
import { cutText, errorText } from '../../src/telemetry/index.js';

describe('a truncated text', () => {
  it('does not change up to the maximum, and says how much is missing beyond it', () => {
    expect(cutText('abcde', 5)).toBe('abcde');
    expect(cutText('abcdef', 5)).toBe('abcde... (1 more characters)');
    expect(cutText('abc', 0)).toBe('... (3 more characters)');
  });

  it('keeps a surrogate pair whole', () => {
    expect(cutText('ab\u{1f600}cd', 3)).toBe('ab... (4 more characters)');
    expect(cutText('ab\u{1f600}cd', 4)).toBe('ab\u{1f600}... (2 more characters)');
  });

  it('is the beginning, and the number is the rest', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, most) => {
        const [, head = '', rest = '0'] = /^(.*)\.\.\. \((\d+) more characters\)$/s.exec(cutText(text, most)) ?? [];
        if (text.length <= most) return expect(cutText(text, most)).toBe(text);
        expect(text.startsWith(head)).toBe(true);
        expect(head.length).toBeGreaterThanOrEqual(most - 1);
        expect(head.length).toBeLessThanOrEqual(most);
        expect(Number(rest)).toBe(text.length - head.length);
      }),
    );
  });
});

const throwing = (): never => {
  throw new Error('not to be read');
};

const proxy = new Proxy(
  {},
  { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing, getOwnPropertyDescriptor: throwing },
);

function cyclic(): Error {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  return error;
}

function chain(length: number): Error {
  let error = new Error('0');
  for (let at = 1; at < length; at++) error = new Error(String(at), { cause: error });
  return error;
}

describe('the text of an error', () => {
  it.each<[unknown, string]>([
    [new Error('a'), 'a'],
    [new TypeError('a', { cause: new Error('b', { cause: 'c' }) }), 'a; cause: b; cause: c'],
    ['a', 'a'],
    [undefined, 'undefined'],
    [Symbol('a'), 'Symbol(a)'],
    [new Secret('a'), '[secret]'],
    [chain(9), '8; cause: 7; cause: 6; cause: 5; cause: 4; cause: 3; cause: 2; cause: 1; cause: 0'],
    [chain(10), '9; cause: 8; cause: 7; cause: 6; cause: 5; cause: 4; cause: 3; cause: 2; cause: 1; and so on'],
    [cyclic(), 'a; cause: b; cause: the same error again'],
  ])('%p', (error, expected) => expect(errorText(error)).toBe(expected));

  it.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['a proxy that throws', proxy],
    ['a toString that throws', { toString: throwing }],
    ['a toString that gives an object', { toString: () => ({}), valueOf: () => ({}) }],
    ['a message that throws', Object.defineProperty(new Error('a'), 'message', { get: throwing })],
    ['a message without a text', Object.assign(new Error('a'), { message: Object.create(null) })],
  ])('never throws: %s', (_name, error) => {
    const unreadable = 'an object without a readable text was thrown';
    expect(errorText(error)).toBe(unreadable);
    expect(errorText(new Error('a', { cause: error }))).toBe(`a; cause: ${unreadable}`);
  });

  it('omits a cause that throws', () => {
    expect(errorText(Object.defineProperty(new Error('a'), 'cause', { get: throwing }))).toBe('a');
  });

  it('has a bounded length, whatever was thrown', () => {
    const long = '1'.repeat(6_000_000);
    expect(errorText(long)).toBe(`${'1'.repeat(4000)}... (5996000 more characters)`);
    expect(errorText(new Error(long, { cause: new Error(long) })).length).toBeLessThan(10_000);
  });
});
