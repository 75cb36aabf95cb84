import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../src/config/index.js';

describe('the nearest word', () => {
  it.each([
    ['ab', ['xb'], 'xb'],
    ['ab', ['ba'], 'ba'],
    ['ab', ['xy'], undefined],
    ['levle', ['level'], 'level'],
    ['abcde', ['abxye'], undefined],
    ['abcdef', ['abxyef'], 'abxyef'],
    ['abcdef', ['abxyzf'], undefined],
    ['abcdefghi', ['abcdefxyz'], 'abcdefxyz'],
    ['abcdefghi', ['abcdewxyz'], undefined],
    ['LEVEL', ['level'], 'level'],
    ['teh', ['ten', 'the'], 'ten'],
    ['sevrer', ['serv', 'server'], 'server'],
    ['abc', ['a'], undefined],
  ])('to %s among %j is %s', (word, candidates, expected) => expect(nearest(word, candidates)).toBe(expected));

  it('is found for words of up to 100 characters', () => {
    const word = 'x'.repeat(99);
    expect(nearest(`${word}a`, [`${word}b`])).toBe(`${word}b`);
    expect(nearest(`${word}ab`, [`${word}bb`])).toBeUndefined();
  });

  it('is the closest of several, and the first of equals', () => {
    expect(nearest('portt', ['sport', 'port', 'ports'])).toBe('port');
    expect(nearest('port', ['sort', 'fort'])).toBe('sort');
  });
});
