import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/files.js';
import { brokenLinks, helpsIn, unknownCommands, wrongBlocks } from './checks.js';
import { blocks, pages, textOf } from './documentation.js';
import { notesOf } from './notes.js';

/** Static checks of all pages. */

const helps = helpsIn(textOf('docs/reference/cli.md'));
const scripts = Object.keys(JSON.parse(textOf('package.json')).scripts);

/** Everything that is not run, with the reason. */
const NOT_RUN = [
  'README.md: it fetches the project and its packages',
  'README.md: it is the whole test suite',
  'docs/how-to/upgrade-and-rename.md: npm install esp-host@latest: it fetches packages',
  'docs/journal.md: it needs another server',
  'docs/operations.md: it needs Docker',
  'docs/strategies.md: npm ci && npm run build: it fetches packages',
  'docs/tutorial.md: it fetches the package',
  'docs/tutorial.md: npm install: it fetches packages',
];

it('blocks that are not run have a reason', () => {
  const reasons = [...blocks].flatMap(([page, own]) =>
    own.flatMap((block) =>
      notesOf(block).notRun.map(({ line, reason }) => `${page}: ${line === undefined ? '' : `${line}: `}${reason}`),
    ),
  );
  expect(reasons).toEqual(NOT_RUN);
});

it.each(pages)('%s has valid links', (page) => expect(brokenLinks(ROOT, page)).toEqual([]));

describe.each([...blocks])('%s', (page, own) => {
  it('has valid blocks', () => expect(wrongBlocks(page, own)).toEqual([]));

  it('names existing commands', () => {
    expect(unknownCommands(page, textOf(page), helps, scripts)).toEqual([]);
  });
});
