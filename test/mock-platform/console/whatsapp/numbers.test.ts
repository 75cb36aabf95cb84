import { describe, expect, it } from '@jest/globals';
import { e164, isAlwaysValid, isFailed, isVersion } from '../../../../mock-platform/console/whatsapp/numbers.js';

describe('a version', () => {
  it.each([
    ['2.41.3', false],
    ['2.42.99', false],
    ['2.43.0', true],
    ['2.45.1', true],
    ['3.0.0', true],
    ['1.99.0', false],
  ])('%s calls every number valid: %s', (version, always) => expect(isAlwaysValid(version)).toBe(always));

  it('has three numbers', () => {
    expect(['2.41.3', '2.41', 'v2.41.3', '2.41.3-rc'].map(isVersion)).toEqual([true, false, false, false]);
  });
});

describe('a number', () => {
  it.each([
    ['+1 (631) 555-1002', '+16315551002'],
    ['+54 9 11 5612.1008', '+5491156121008'],
    ['16315551002', undefined],
    ['+0123456', undefined],
    ['+1', undefined],
    ['+1631555x', undefined],
  ])('%j is %j', (text, number) => expect(e164(text)).toBe(number));
});

describe('a call', () => {
  it.each([
    [200, false],
    [399, false],
    [400, true],
    [503, true],
    ['reset', true],
    ['hang', true],
    [undefined, false],
  ])('with the status %j has failed: %j', (status, failed) => expect(isFailed(status)).toBe(failed));
});
