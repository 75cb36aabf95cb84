import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { removeFolders } from '../support/files.js';
import { blocks, ENVIRONMENT } from './documentation.js';
import { Ports } from './ports.js';
import { checkout, emptyProject, exampleProject, packages } from './projects.js';
import { Shell } from './shell.js';
import { walk } from './walk.js';

/** Pages that start without a running platform, and the project of their reader. All others start `PLATFORM`. */
const BEGINNINGS: Readonly<Record<string, (modules: string) => string>> = {
  'README.md': checkout,
  'docs/doctor.md': exampleProject,
  'docs/http.md': exampleProject,
  'docs/migration.md': checkout,
  'docs/tutorial.md': emptyProject,
  'docs/validate-contact.md': exampleProject,
};

/** Runs in the example project of all other pages. */
const PLATFORM = 'npx esp-host mock';

const MINUTES = 60_000;

/** Follows each page from top to bottom, each in its own project. */
export function eachPageDoesWhatItSays(pages: readonly string[]): void {
  let modules: string;

  beforeAll(() => {
    modules = packages();
  }, MINUTES);

  afterAll(removeFolders);

  it.each(pages)(
    '%s',
    async (page) => {
      const beginning = BEGINNINGS[page];
      const shell = new Shell((beginning ?? exampleProject)(modules), await Ports.free(), ENVIRONMENT);
      try {
        if (beginning === undefined) expect(await shell.stay(PLATFORM, 'Ctrl-C')).toBeUndefined();
        expect(await walk(page, blocks.get(page) ?? [], shell)).toEqual([]);
      } finally {
        await shell.end();
      }
    },
    3 * MINUTES,
  );
}

/** Pages with commands. */
export const runnable: readonly string[] = [...blocks.keys()].filter((page) =>
  blocks.get(page)?.some(({ kind }) => kind === 'sh' || kind === 'console'),
);
