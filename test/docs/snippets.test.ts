import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { removeFolders } from '../support/files.js';
import { blocks, ENVIRONMENT } from './documentation.js';
import { notesOf } from './notes.js';
import type { Block } from './page.js';
import { Ports } from './ports.js';
import { exampleProject, packages } from './projects.js';
import { Snippets } from './snippets.js';
import { writeFiles } from './walk.js';

/** Pages whose snippets belong to another page's project. */
const PART_OF: Readonly<Record<string, string>> = {
  'docs/journal.md': 'docs/how-to/call-an-upstream.md',
  'docs/testing.md': 'docs/tutorial.md',
};

const MINUTES = 60_000;

let snippets: Snippets;

beforeAll(async () => {
  const home = exampleProject(packages());
  for (const block of [...blocks.values()].flat()) if (isData(block)) writeFiles(block, home);
  const written = [...blocks].flatMap(([page, own]) =>
    own
      .filter(({ kind }) => kind === 'ts')
      .map((block) => ({
        page,
        block,
        project: (PART_OF[page] ?? page).replaceAll(/\W/g, '-'),
        isScript: isScript(block, own),
      })),
  );
  snippets = new Snippets(home, { ...(await Ports.free()).environment(), ...ENVIRONMENT }, written);
}, MINUTES);

afterAll(removeFolders);

/** A file that snippets may read. A page's configuration is for its commands. */
function isData(block: Block): boolean {
  const { file = 'config.yaml' } = notesOf(block);
  return block.kind !== 'ts' && file !== 'config.yaml';
}

/** A script that a command of its page runs (commands.test.ts). Here it is only compiled. */
function isScript(snippet: Block, page: readonly Block[]): boolean {
  const { file } = notesOf(snippet);
  return page.some(({ kind, text }) => kind === 'console' && text.includes(`$ node ${file}\n`));
}

it('TypeScript snippets have no type errors', () => expect(snippets.typeErrors()).toEqual([]), MINUTES);

it('TypeScript snippets run', () => expect(snippets.failures()).toEqual([]), 2 * MINUTES);
