import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Changes } from '../../../src/cli/new/plugin-folder.js';
import { COMPILER_OPTIONS, findProject, JEST_CONFIG, pluginTsconfig, setUp } from '../../../src/cli/new/project.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const NO_TEST = 'echo "Error: no test specified" && exit 1';

/** A folder with this package.json, and what `setUp` does to it. */
function setUpIn(manifest: object, files: readonly string[] = []) {
  const home = folder();
  file('package.json', JSON.stringify(manifest), home);
  for (const name of files) file(name, 'own', home);
  const changes = new Changes();
  const install = setUp(findProject(home), changes);
  changes.write();
  const text = (name: string): string | undefined =>
    existsSync(join(home, name)) ? readFileSync(join(home, name), 'utf8') : undefined;
  return { install, text, manifest: JSON.parse(text('package.json') ?? '') };
}

describe('the project of a plugin', () => {
  it('is the nearest folder with a package.json', () => {
    const home = folder();
    file('package.json', '{ "name": "own" }', home);
    const inner = join(home, 'a/b');
    mkdirSync(inner, { recursive: true });
    expect(findProject(inner)).toEqual({ root: home, manifest: { name: 'own' }, isHost: false });
    expect(findProject(ROOT).isHost).toBe(true);
  });

  it.each([
    ['{', ''],
    ['null', 'it must be an object'],
    ['[]', 'it must be an object'],
    ['{ "scripts": "x" }', 'scripts must be an object'],
    ['{ "devDependencies": null }', 'devDependencies must be an object'],
  ])('cannot have the package.json %s', (text, why) => {
    const home = folder();
    const path = file('package.json', text, home);
    expect(() => findProject(home)).toThrow(
      expect.objectContaining({
        code: 'ESP_CLI_COMMAND_FAILED',
        message: expect.stringContaining(`cannot read ${path}: ${why}`),
      }),
    );
  });
});

describe('npm test is set up', () => {
  it('with a configuration of Jest, types and the packages that are missing', () => {
    const versions = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies;
    const devDependencies = { jest: '1', other: '2' };
    const made = setUpIn({ scripts: { test: NO_TEST, own: 'x' }, dependencies: { typescript: '3' }, devDependencies });
    expect(made.install).toBe(true);
    expect(made.text('jest.config.mjs')).toBe(JEST_CONFIG);
    expect(JSON.parse(made.text('tsconfig.json') ?? '')).toEqual({
      compilerOptions: { ...COMPILER_OPTIONS, noEmit: true },
      include: ['plugins'],
      exclude: ['**/dist'],
    });
    expect(made.manifest.scripts).toEqual({
      own: 'x',
      test: 'node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js',
    });
    const names = ['@jest/globals', '@swc/core', '@swc/jest', '@types/node'];
    const added = Object.fromEntries(names.map((name) => [name, versions[name]]));
    expect(made.manifest.devDependencies).toEqual({ ...devDependencies, ...added });
  });

  it('without packages to install if none is missing', () => {
    const names = ['@jest/globals', '@swc/core', '@swc/jest', '@types/node', 'jest', 'typescript'];
    const devDependencies = Object.fromEntries(names.map((name) => [name, '1']));
    const made = setUpIn({ devDependencies });
    expect([made.install, made.manifest.devDependencies]).toEqual([false, devDependencies]);
    expect(made.manifest.scripts.test).toContain('jest');
  });

  it.each(['js', 'mjs', 'cjs', 'ts', 'json'])('with the jest.config.%s that is there', (end) => {
    const made = setUpIn({}, [`jest.config.${end}`]);
    expect(made.text(`jest.config.${end}`)).toBe('own');
    if (end !== 'mjs') expect(made.text('jest.config.mjs')).toBeUndefined();
    expect(made.manifest.scripts.test).toContain('jest');
  });

  it('with the configuration in package.json', () => {
    expect(setUpIn({ jest: {} }).text('jest.config.mjs')).toBeUndefined();
  });

  it('but not in projects with tests, nor in esp-host itself', () => {
    const manifest = { scripts: { test: 'own' } };
    const made = setUpIn(manifest);
    expect([made.install, made.manifest, made.text('jest.config.mjs')]).toEqual([false, manifest, undefined]);
    expect(made.text('tsconfig.json')).toBeDefined();
    const host = setUpIn({ name: 'esp-host' });
    expect([host.install, host.text('tsconfig.json')]).toEqual([false, undefined]);
  });
});

describe('the tsconfig.json of a plugin', () => {
  const own = { root: '/', manifest: {}, isHost: false };

  it('compiles to dist/, without tests', () => {
    expect(pluginTsconfig(own)).toBe(`{
  "compilerOptions": {
    "target": "ES2023",
    "module": "NodeNext",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "experimentalDecorators": true,
    "skipLibCheck": true,
    "rootDir": ".",
    "outDir": "dist",
    "sourceMap": true,
    "inlineSources": true
  },
  "include": ["."],
  "exclude": ["dist", "**/*.test.ts"]
}
`);
  });

  it('is left to the build in esp-host itself', () => {
    expect(JSON.parse(pluginTsconfig({ ...own, isHost: true }))).toEqual({
      extends: '../../tsconfig.json',
      compilerOptions: { paths: { 'esp-host': ['../../dist/src/index.d.ts'] } },
      include: ['.'],
      exclude: ['dist', '**/*.test.ts'],
    });
  });
});
