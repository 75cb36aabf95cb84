import { expect, it } from '@jest/globals';
import { diffLines } from '../../../../mock-platform/console/diff/lines.js';

/** `-a` removed, `+b` added, ` c` the same. */
const shown = (before: string, after: string): string =>
  diffLines([...before], [...after])
    .map(({ kind, text }) => `${{ same: '', removed: '-', added: '+' }[kind]}${text}`)
    .join('');

it.each([
  ['abc', 'abc', 'abc'],
  ['', 'ab', '+a+b'],
  ['ab', '', '-a-b'],
  ['abcd', 'axcd', 'a-b+xcd'],
  ['abcdef', 'acdxf', 'a-bcd-e+xf'],
  ['aa', 'aaa', 'aa+a'],
])('from %j to %j is %j', (before, after, expected) => expect(shown(before, after)).toBe(expected));

it('replaces what is too long to compare', () => {
  const [before, after] = ['a', 'b'].map((letter) => Array.from({ length: 2100 }, (_, at) => `${letter}${at}`));
  const lines = diffLines(before ?? [], after ?? []);
  expect(lines.map(({ kind }) => kind).indexOf('added')).toBe(2100);
  expect(lines).toHaveLength(4200);
});
