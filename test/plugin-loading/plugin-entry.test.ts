import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PluginNotFoundError, pluginEntry } from '../../src/plugin-loading/index.js';
import { file, folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

let root: string;
beforeEach(() => {
  root = folder();
});

/** Files, empty or with the given text, and their folders. */
function files(...paths: readonly (string | readonly [path: string, text: string | object])[]): void {
  for (const one of paths) {
    const [path, text] = typeof one === 'string' ? [one, ''] : one;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    file(path, typeof text === 'string' ? text : JSON.stringify(text), root);
  }
}

/** The entry, relative to the folder of the config. */
const entry = (use: string, typescript = false): string => pluginEntry(use, root, typescript).replace(`${root}/`, '');

describe('a folder', () => {
  it.each<[string[], string]>([
    [['index.js', 'index.mjs', 'dist/index.js'], 'index.js'],
    [['index.mjs', 'dist/index.js'], 'index.mjs'],
    [['dist/index.js', 'index.ts'], 'dist/index.js'],
  ])('that contains %j has the built entry %s', (held, expected) => {
    files(...held.map((one) => `p/${one}`));
    for (const use of ['./p', './p/', `../${root.split('/').at(-1)}/p`, join(root, 'p')]) {
      expect(entry(use)).toBe(`p/${expected}`);
    }
  });

  it.each<[string[], string]>([
    [['index.js', 'index.ts', 'src/index.ts'], 'index.ts'],
    [['index.js', 'index.mts', 'src/index.ts'], 'index.mts'],
    [['dist/index.js', 'src/index.ts'], 'src/index.ts'],
    [['dist/index.js'], 'dist/index.js'],
  ])('that contains %j has the source entry %s if TypeScript is allowed', (held, expected) => {
    files(...held.map((one) => `p/${one}`));
    expect(entry('./p', true)).toBe(`p/${expected}`);
  });

  it('can be that of the config, or its parent', () => {
    files('index.js', 'p/index.js');
    expect(entry('.')).toBe('index.js');
    expect(pluginEntry('..', join(root, 'p'), false)).toBe(join(root, 'index.js'));
  });

  it.each<[object, string]>([
    [{ main: 'lib/a.js' }, 'lib/a.js'],
    [{ main: './lib/a.js', exports: './lib/b.js' }, 'lib/b.js'],
    [{ main: 'lib/a.js', exports: { '.': './lib/b.js' } }, 'lib/b.js'],
    [{ exports: { import: './lib/a.js', require: './lib/b.js' } }, 'lib/a.js'],
    [{ exports: { '.': { types: './lib/b.d.ts', default: './lib/a.js' } } }, 'lib/a.js'],
    [{ exports: { '.': { node: { require: './lib/b.js' }, import: { default: './lib/a.js' } } } }, 'lib/a.js'],
    [{ exports: { node: './lib/a.js', default: './lib/b.js' } }, 'lib/a.js'],
    [{ main: 'lib/a.js', exports: { './sub': './lib/b.js' } }, 'lib/a.js'],
    [{ main: 'lib/a.js', exports: { require: './lib/b.js' } }, 'lib/a.js'],
    [{ main: 'lib/not-built.js' }, 'index.js'],
    [{ name: 'p' }, 'index.js'],
  ])('with package.json %j has the entry %s', (manifest, expected) => {
    files(['p/package.json', manifest], 'p/lib/a.js', 'p/lib/b.js', 'p/index.js');
    expect(entry('./p')).toBe(`p/${expected}`);
  });

  it.each<[string, string[], RegExp]>([
    ['that is not there', [], /^\/.*\/p does not exist: paths are relative to the file that names them$/],
    [
      'that contains only TypeScript',
      ['src/index.ts'],
      /^\/.*\/p contains only TypeScript, but serve loads JavaScript: build it to \/.*\/p\/dist first$/,
    ],
    [
      'that contains something else',
      ['readme.md', 'index.js/a.js'],
      /^\/.*\/p contains none of index.ts, index.mts, src\/index.ts, index.js, index.mjs, dist\/index.js$/,
    ],
  ])('%s is an error', (_name, held, text) => {
    files(...held.map((one) => `p/${one}`));
    expect(() => entry('./p')).toThrow(text);
    expect(() => entry('./p')).toThrow(PluginNotFoundError);
  });

  it('whose package.json is not JSON is an error', () => {
    files(['p/package.json', '{'], 'p/index.js');
    expect(() => entry('./p')).toThrow(/^\/.*\/p\/package.json cannot be read: .*JSON/);
    expect(() => entry('./p')).toThrow(PluginNotFoundError);
  });
});

describe('a file', () => {
  it.each(['p/a.js', 'p/a.mjs', 'p/a.ts'])('is its own entry: %s', (path) => {
    files(path);
    expect(entry(`./${path}`)).toBe(path);
    expect(entry(`./${path}`, true)).toBe(path);
  });
});

describe('a package', () => {
  it.each<[string, object, string]>([
    ['plugin', { main: 'lib/a.js' }, 'lib/a.js'],
    ['@scope/plugin', { exports: { '.': { import: './lib/a.js' } } }, 'lib/a.js'],
    ['plugin', { main: 'lib/none.js' }, 'index.js'],
    ['plugin', {}, 'index.js'],
  ])('%s with %j has the entry %s', (name, manifest, expected) => {
    const folderOf = `node_modules/${name}`;
    files([`${folderOf}/package.json`, { name, ...manifest }], `${folderOf}/lib/a.js`, `${folderOf}/index.js`);
    expect(entry(name)).toBe(`${folderOf}/${expected}`);
    expect(entry(name, true)).toBe(`${folderOf}/${expected}`);
  });

  it('is searched from the config upwards', () => {
    files(['node_modules/plugin/package.json', {}], 'node_modules/plugin/dist/index.js');
    expect(pluginEntry('plugin', join(root, 'conf'), false)).toBe(join(root, 'node_modules/plugin/dist/index.js'));
  });

  it.each<[string, string]>([
    ['nowhere', 'package nowhere is not installed: run npm install nowhere, or write ./nowhere for a folder'],
    ['@scope/nowhere', 'package @scope/nowhere is not installed: run npm install @scope/nowhere, or write'],
    [
      'plugins/messaging',
      'plugins/messaging is neither a package name nor a path: write ./plugins/messaging for a folder',
    ],
    ['@scope/plugin/dist', '@scope/plugin/dist is neither a package name nor a path: write ./@scope/plugin/dist'],
    ['@scope', 'package @scope is not installed'],
    ['empty', 'package empty has no entry: its package.json needs "exports" or "main"'],
  ])('%s is an error', (name, text) => {
    files(['node_modules/empty/package.json', {}], 'plugins/messaging/index.js');
    expect(() => entry(name)).toThrow(text);
    expect(() => entry(name)).toThrow(PluginNotFoundError);
  });
});
