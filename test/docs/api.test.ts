import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/files.js';

const { ENTRIES, undocumented, unexported, unused, withoutDefault } = await import(
  new URL('../../scripts/reference/api.mjs', import.meta.url).href
);

/** Where the users of an entry are. What declares an entry does not count: it imports its own files. */
const USERS = ['bench', 'docs', 'mock-platform', 'plugins', 'scripts', 'src/cli', 'strategies', 'test'];

const texts = ['README.md', ...USERS.flatMap((folder) => filesIn(folder))].map((file) =>
  readFileSync(join(ROOT, file), 'utf8'),
);

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(md|mjs|tsx?)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
    .map((file) => `${folder}/${file}`);
}

const imports = texts.flatMap((text) => [...text.matchAll(/\{([^{}]*)\}\s*from\s*'([^']+)'/g)]);

/** The names that are imported from an entry, in code and in the examples of the documentation. */
function importedFrom(entry: string): Set<string> {
  const names = imports.filter(([, , from]) => from === entry).flatMap(([, list = '']) => list.split(','));
  return new Set(
    names.map((name) =>
      name
        .trim()
        .replace(/^type /, '')
        .replace(/ as .*/s, ''),
    ),
  );
}

describe.each(Object.keys(ENTRIES))('every export of %s', (entry) => {
  it('has a docstring', () => expect(undocumented(entry)).toEqual([]));

  it('names only exported types in its signature', () => expect(unexported(entry)).toEqual([]));

  it('has a user, or is named by one that has', () => expect(unused(entry, importedFrom)).toEqual([]));

  it('that is a type of options says their defaults', () => expect(withoutDefault(entry)).toEqual([]));
});
