import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvRows, ROW_MAX } from '../../../../plugins/messaging/commands/csv.js';

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Line and cells of each row, read in chunks of this size. */
async function rows(text: string, size = 7): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { line, cells } of csvRows(chunksOf(text, size))) all.push([line, cells]);
  return all;
}

it.each([
  [
    'lines',
    'a,b\nc,d\n',
    [
      [1, ['a', 'b']],
      [2, ['c', 'd']],
    ],
  ],
  [
    'no last line break',
    'a\nb',
    [
      [1, ['a']],
      [2, ['b']],
    ],
  ],
  [
    'CRLF and CR',
    'a\r\nb\rc\r\n\r\nd',
    [
      [1, ['a']],
      [2, ['b']],
      [3, ['c']],
      [5, ['d']],
    ],
  ],
  ['a byte order mark', '\ufeffa,b', [[1, ['a', 'b']]]],
  ['empty cells and spaces', ' a , ,b,\n \n', [[1, ['a', '', 'b', '']]]],
  [
    'semicolons',
    'a;b,c;d\ne;f;g',
    [
      [1, ['a', 'b,c', 'd']],
      [2, ['e', 'f', 'g']],
    ],
  ],
  [
    'tabs',
    'a\tb\n"c\td"\te',
    [
      [1, ['a', 'b']],
      [2, ['c\td', 'e']],
    ],
  ],
  ['quotes', '"a,""b""", "c" ,d\n', [[1, ['a,"b"', 'c', 'd']]]],
  [
    'line breaks in quotes',
    'a,b\n"c\r\nd",e\nf,g',
    [
      [1, ['a', 'b']],
      [2, ['c\r\nd', 'e']],
      [4, ['f', 'g']],
    ],
  ],
  [
    'a quote within a cell',
    'a,5" pipe\nb,c',
    [
      [1, ['a', '5" pipe']],
      [2, ['b', 'c']],
    ],
  ],
  ['an empty quoted cell', '"","a"', [[1, ['', 'a']]]],
  [
    'a quote that is not closed',
    'a,b\nc,"d\ne,f\n',
    [
      [1, ['a', 'b']],
      [2, undefined],
    ],
  ],
  ['nothing', '\ufeff\n\n', []],
  ['a byte order mark before a quote', '\ufeff"a,b",c', [[1, ['a,b', 'c']]]],
  ['as many of each delimiter', 'a,b;c\td', [[1, ['a', 'b;c\td']]]],
  ['no delimiter', 'a b', [[1, ['a b']]]],
  ['a quote after a delimiter of another kind', 'a,b,c;"d,"', [[1, ['a', 'b', 'c;"d', '"']]]],
  [
    'quotes after spaces, and within quotes',
    'a,  "b,c"\n"d ""e"" f",g',
    [
      [1, ['a', 'b,c']],
      [2, ['d "e" f', 'g']],
    ],
  ],
])('reads %s', async (_what, text, expected) => {
  expect(await rows(text)).toEqual(expected);
  expect(await rows(text, 1)).toEqual(expected);
  expect(await rows(text, 1000)).toEqual(expected);
});

it('goes on after a row that is too long, quoted or not', async () => {
  const long = 'x'.repeat(ROW_MAX);
  expect(await rows(`a\n${long}y\nb`, 1000)).toEqual([
    [1, ['a']],
    [2, undefined],
    [3, ['b']],
  ]);
  expect(await rows(`a\n"${long}\nb\nc`, 1000)).toEqual([
    [1, ['a']],
    [2, undefined],
    [3, ['b']],
    [4, ['c']],
  ]);
  expect(await rows(`a,b\n"${'\n'.repeat(ROW_MAX + 5)}c,d`, 1000)).toContainEqual([ROW_MAX + 7, ['c', 'd']]);
});

it('takes a mark within the file as a character', async () => {
  async function* chunks(): AsyncGenerator<string> {
    yield* ['', '\ufeff"a,b",c\n', '\ufeff"d,e",f,', '\ufeff"g,h"'];
  }
  const all: unknown[] = [];
  for await (const { cells } of csvRows(chunks())) all.push(cells);
  expect(all).toEqual([
    ['a,b', 'c'],
    ['"d', 'e"', 'f', '"g', 'h"'],
  ]);
});

it.each([1, 1000, 100_000])('reads a row of the longest length, in chunks of %i', async (size) => {
  const long = 'x'.repeat(ROW_MAX);
  expect(await rows(`${long}\n${long}y\na`, size)).toEqual([
    [1, [long]],
    [2, undefined],
    [3, ['a']],
  ]);
  const quoted = `"${'x'.repeat(ROW_MAX - 3)}\n`;
  expect(await rows(`${quoted}"\na`, size)).toEqual([
    [1, ['x'.repeat(ROW_MAX - 3)]],
    [3, ['a']],
  ]);
});

it('ends a row whose quote is open at the first line break after the longest length', async () => {
  const quoted = (length: number): string => `"${'x'.repeat(length - 1)}\nb"\nc`;
  expect(await rows(quoted(ROW_MAX), 1000)).toEqual([
    [1, undefined],
    [3, ['c']],
  ]);
  expect(await rows(quoted(ROW_MAX + 1), 1000)).toEqual([
    [1, undefined],
    [2, ['b"']],
    [3, ['c']],
  ]);
});

it('says which lines a quote that is not closed takes', async () => {
  for await (const row of csvRows(chunksOf('a\n"b\nc\nd', 3)))
    if (row.line > 1) expect(row).toMatchObject({ line: 2, lastLine: 4 });
});

it('reads what was written, in any chunks', async () => {
  const cell = fc
    .string({ unit: fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r', '1') })
    .map((text) => text.trim());
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (cells, size) => {
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const text = [['first', 'row'], ...cells].map((row) => row.map(quoted).join(',')).join('\r\n');
      const found = (await rows(text, size)) as [number, string[]][];
      expect(found.slice(1).map(([, one]) => one)).toEqual(cells);
    }),
  );
});
