import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, removeFolders } from '../support/files.js';
import { brokenLinks, helpsIn, unknownCommands, wrongBlocks } from './checks.js';
import { notesOf } from './notes.js';
import { type Block, blocksOf } from './page.js';
import { Ports } from './ports.js';
import { checkout, emptyProject, exampleProject, packages, pages } from './projects.js';
import { Shell } from './shell.js';
import { Snippets } from './snippets.js';
import { walk, writeFiles } from './walk.js';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const all = pages();

/** The blocks of each page that is written by hand; reference.test.ts is for the others. */
const blocks = new Map(
  all.filter((page) => !page.startsWith('docs/reference/')).map((page) => [page, blocksOf(text(page))]),
);

const helps = helpsIn(text('docs/reference/cli.md'));
const scripts = Object.keys(JSON.parse(text('package.json')).scripts);

/** What is not run, and why; nothing else is left out. */
const NOT_RUN = [
  'README.md: it fetches the project and its packages',
  'README.md: it is the whole test suite',
  'docs/how-to/upgrade-and-rename.md: npm install esp-host@latest: it fetches packages',
  'docs/operations.md: it needs Docker',
  'docs/strategies.md: npm ci && npm run build: it fetches packages',
  'docs/tutorial.md: it fetches the package',
  'docs/tutorial.md: npm install: it fetches packages',
];

/** Pages that begin with nothing that runs, and the project that their reader has. All others begin with `PLATFORM`. */
const BEGINNINGS: Readonly<Record<string, (modules: string) => string>> = {
  'README.md': checkout,
  'docs/doctor.md': exampleProject,
  'docs/http.md': exampleProject,
  'docs/tutorial.md': emptyProject,
};

/** Pages whose snippets are parts of another page's project. */
const SNIPPETS_WITH: Readonly<Record<string, string>> = { 'docs/testing.md': 'docs/tutorial.md' };

/** What runs in the example project while a page is read, where the page doesn't begin otherwise. */
const PLATFORM = 'npx esp-host mock';

const ENVIRONMENT = { HTTP_TOKEN: 'a-token-of-the-documentation' };

const MINUTES = 60_000;

let modules: string;

beforeAll(() => {
  modules = packages();
}, MINUTES);

afterAll(removeFolders);

it('what is not run has its reason', () => {
  const reasons = [...blocks].flatMap(([page, own]) =>
    own.flatMap((block) =>
      notesOf(block).notRun.map(({ line, reason }) => `${page}: ${line === undefined ? '' : `${line}: `}${reason}`),
    ),
  );
  expect(reasons).toEqual(NOT_RUN);
});

it.each(all)('%s has links that lead somewhere', (page) => expect(brokenLinks(ROOT, page)).toEqual([]));

describe.each([...blocks.keys()])('%s', (page) => {
  const own = blocks.get(page) ?? [];

  it('has blocks that can be tested', () => expect(wrongBlocks(page, own)).toEqual([]));

  it('names commands that there are', () => expect(unknownCommands(page, text(page), helps, scripts)).toEqual([]));

  if (!own.some(({ kind }) => ['sh', 'console'].includes(kind))) return;

  it(
    'does what it says',
    async () => {
      const beginning = BEGINNINGS[page];
      const shell = new Shell((beginning ?? exampleProject)(modules), await Ports.free(), ENVIRONMENT);
      try {
        if (beginning === undefined) expect(await shell.stay(PLATFORM, 'Ctrl-C')).toBeUndefined();
        expect(await walk(page, own, shell)).toEqual([]);
      } finally {
        await shell.end();
      }
    },
    3 * MINUTES,
  );
});

/** A file that scripts may name. A page's own configuration is for its commands. */
function isData(block: Block): boolean {
  const { file = 'config.yaml' } = notesOf(block);
  return block.kind !== 'ts' && file !== 'config.yaml';
}

describe('snippets of TypeScript', () => {
  let snippets: Snippets;

  beforeAll(async () => {
    const written = [...blocks].flatMap(([page, own]) =>
      own
        .filter(({ kind }) => kind === 'ts')
        .map((block) => ({ page, block, project: (SNIPPETS_WITH[page] ?? page).replaceAll(/\W/g, '-') })),
    );
    const home = exampleProject(modules);
    for (const block of [...blocks.values()].flat()) if (isData(block)) writeFiles(block, home);
    snippets = new Snippets(home, { ...(await Ports.free()).environment(), ...ENVIRONMENT }, written);
  });

  it('have no type errors', () => expect(snippets.typeErrors()).toEqual([]), MINUTES);

  it('run', () => expect(snippets.failures()).toEqual([]), 2 * MINUTES);
});
