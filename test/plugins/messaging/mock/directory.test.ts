import { describe, expect, it } from '@jest/globals';
import { NotE164Error } from '../../../../plugins/messaging/mock/errors.js';
import { Directory } from '../../../../plugins/messaging/mock/phone-number.js';
import { NUMBERS } from './harness.js';

describe('the directory', () => {
  it('adds, finds, lists and removes numbers, and says whether that changed it', () => {
    const directory = new Directory();
    expect(NUMBERS.map((number) => directory.add(number))).toEqual([true, true, true]);
    expect(directory.add('+16315551002')).toBe(false);
    expect(directory.list()).toEqual(NUMBERS);
    expect(directory.remove('+16315551002')).toBe(true);
    expect(directory.remove('+16315551002')).toBe(false);
    expect(directory.has('+16315551002')).toBe(false);
    expect(directory.has('+15162837151')).toBe(true);
  });

  it('takes E.164 alone, and stays as it was when it refuses', () => {
    const directory = new Directory();
    expect(() => directory.add('6315551002')).toThrow(NotE164Error);
    expect(directory.list()).toEqual([]);
  });
});
