import { describe, expect, it } from '@jest/globals';
import { NotE164Error } from '../../../../plugins/messaging/mock/errors.js';
import { Directory } from '../../../../plugins/messaging/mock/phone-number.js';
import { NUMBERS } from './harness.js';

describe('the directory', () => {
  it('adds, finds, lists and removes numbers, and returns whether it changed', () => {
    const directory = new Directory();
    expect(NUMBERS.map((number) => directory.add(number))).toEqual([true, true, true]);
    expect(directory.add('+16315551002')).toBe(false);
    expect(directory.list()).toEqual(NUMBERS);
    expect(directory.remove('+16315551002')).toBe(true);
    expect(directory.remove('+16315551002')).toBe(false);
    expect(directory.has('+16315551002')).toBe(false);
    expect(directory.has('+15162837151')).toBe(true);
  });

  it('accepts only E.164, and is unchanged after a refusal', () => {
    const directory = new Directory();
    expect(() => directory.add('6315551002')).toThrow(NotE164Error);
    expect(directory.list()).toEqual([]);
  });
});
