import { describe, expect, it } from '@jest/globals';
import { KeyValueList, type PlainValues } from '#wire';
import { PatternError } from '../../mock-platform/errors.js';
import { isExpectedCount, parameterMatcher, type Times, textPattern } from '../../mock-platform/matching.js';

describe('an expected text', () => {
  it.each<[string, string, boolean]>([
    ['Billing', 'Billing', true],
    ['Billing', 'billing', false],
    ['Bill', 'Billing', false],
    ['', '', true],
    ['/bill/', 'Billing', false],
    ['/bill/i', 'the Billing', true],
    ['/^bill$/i', 'Billing', false],
    ['/a\n+b/', 'a\n\nb', true],
    ['//', '//', true],
    ['/a', '/a', true],
    ['x/a/', 'a', false],
    ['/a/ ', 'a', false],
    ['/a/I', 'a', false],
    ['/v1/balance/', '1/bal', false],
    ['/v1/balance/', 'v1/balance', true],
  ])('%j matches %j: %s', (expected, text, matches) => expect(textPattern(expected)(text)).toBe(matches));

  it('matches each time, even with flags that remember a place', () => {
    for (const flags of ['g', 'y', 'gy']) {
      const matches = textPattern(`/a/${flags}`);
      expect([matches('a'), matches('a')]).toEqual([true, true]);
    }
  });

  it('matches the first 65,536 characters of a text', () => {
    const matches = textPattern('/b/');
    expect([matches(`${'a'.repeat(65_535)}b`), matches(`${'a'.repeat(65_536)}b`)]).toEqual([true, false]);
  });

  it.each(['/(/', '/a/xx'])('cannot be %s', (expected) => {
    expect(() => textPattern(expected)).toThrow(PatternError);
    expect(() => textPattern(expected)).toThrow(new RegExp(`^${expected.replaceAll(/[/(]/g, '\\$&')}: .`));
  });
});

it.each<[Record<string, string | number>, PlainValues, boolean]>([
  [{}, {}, true],
  [{ A: 'x' }, { A: 'x', B: 1 }, true],
  [{ A: 'x' }, { A: ['x', 'y'] }, true],
  [{ A: 'y' }, { A: ['x', 'y'] }, false],
  [{ A: 5 }, { A: 5 }, true],
  [{ A: 5 }, { A: '5' }, true],
  [{ A: '5' }, { A: 5 }, true],
  [{ A: '/^5/' }, { A: 51 }, true],
  [{ A: 'x', B: 'y' }, { A: 'x', B: 'z' }, false],
  [{ A: '' }, {}, false],
  [{ A: '/^/' }, { A: { B: 'x' } }, false],
])('the parameters %j match %j: %s', (expected, parameters, matches) => {
  expect(parameterMatcher(expected)(KeyValueList.from({ Parameters: parameters }))).toBe(matches);
});

it('a request without parameters has none', () => {
  expect(parameterMatcher({ A: '/^/' })(undefined)).toBe(false);
  expect(parameterMatcher({})(undefined)).toBe(true);
});

describe('the expected number', () => {
  it.each<[Times, number[]]>([
    [{}, [1, 2, 3, 4]],
    [{ times: 2 }, [2]],
    [{ times: 0 }, [0]],
    [{ atLeast: 2 }, [2, 3, 4]],
    [{ atLeast: 0 }, [0, 1, 2, 3, 4]],
    [{ atMost: 2 }, [0, 1, 2]],
    [{ atLeast: 1, atMost: 3 }, [1, 2, 3]],
    [{ times: 2, atLeast: 3 }, []],
    [{ times: 2, atMost: 1 }, []],
    [{ times: 2, atLeast: 1, atMost: 3 }, [2]],
  ])('%j is one of %j', (times, numbers) => {
    expect([0, 1, 2, 3, 4].filter((count) => isExpectedCount(count, times))).toEqual(numbers);
  });
});
