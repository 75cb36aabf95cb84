import { describe, expect, it } from '@jest/globals';
import { anchorsOf, blocksOf, linksOf, OpenFence, spansOf } from './page.js';

const page = (...lines: string[]): string => lines.join('\n');

describe('a block', () => {
  it('has its kind, text and line', () => {
    expect(blocksOf(page('# A', '', '```sh', 'echo a', '', 'echo b', '```', 'text'))).toEqual([
      { kind: 'sh', text: 'echo a\n\necho b\n', line: 4, notes: [] },
    ]);
  });

  it('may have no kind, or no text', () => {
    expect(blocksOf(page('```', '```'))).toEqual([{ kind: '', text: '', line: 2, notes: [] }]);
  });

  it.each([
    ['a longer fence', ['````md', '```', '````'], '```\n'],
    ['tildes', ['~~~md', '```', '~~~'], '```\n'],
    ['a longer end', ['```md', 'a', '`````'], 'a\n'],
  ])('knows %s', (_, lines, text) => expect(blocksOf(page(...lines))).toMatchObject([{ kind: 'md', text }]));

  it('may be indented, in a list', () => {
    expect(blocksOf(page('- item', '  ```yaml', '  a:', '    b: 1', '  ```'))).toMatchObject([
      { kind: 'yaml', text: 'a:\n  b: 1\n', line: 3 },
    ]);
  });

  it('has the comments directly above it', () => {
    const lines = ['<!-- far -->', 'text', '<!-- a: b -->', '', '<!--c-->', '```ts', '```'];
    expect(blocksOf(page(...lines))[0]?.notes).toEqual(['a: b', 'c']);
  });

  it('does not have the comments of the previous one', () => {
    expect(blocksOf(page('<!-- a -->', '```ts', '```', '```ts', '```')).map(({ notes }) => notes)).toEqual([['a'], []]);
  });

  it('must end', () => {
    expect(() => blocksOf(page('', '```sh', 'echo a'))).toThrow(new OpenFence(2));
  });
});

describe('links', () => {
  const lines = [
    '[a](b.md#c) and `[x](y)`',
    '```md',
    '[d](e.md)',
    '```',
    '    [f](g)',
    '<img srcset="h.png" src="i.png">',
  ];

  it('are found in the prose', () => {
    expect(linksOf(page(...lines))).toEqual([
      { target: 'b.md#c', line: 1 },
      { target: 'h.png', line: 6 },
      { target: 'i.png', line: 6 },
    ]);
  });

  it('lead to headings', () => {
    const headings = ['# A b: c', '## `x --y` (z)', '## [Text](target)', '## A b c', '```', '# no', '```'];
    expect([...anchorsOf(page(...headings))]).toEqual(['a-b-c', 'x---y-z', 'text', 'a-b-c-1']);
  });
});

it('code spans are found in the prose', () => {
  expect(spansOf(page('a `b` c `d e`', '```', '`f`', '```'))).toEqual([
    { text: 'b', line: 1 },
    { text: 'd e', line: 1 },
  ]);
});
