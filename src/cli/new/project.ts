import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError } from '../errors.js';
import { packageRoot } from '../files.js';
import type { Changes } from './plugin-folder.js';

interface Manifest {
  name?: string;
  version?: string;
  private?: boolean;
  type?: string;
  jest?: unknown;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The npm project of the plugins. */
export interface Project {
  readonly root: string;
  readonly manifest: Manifest;
  /** Whether it is esp-host itself, which needs no setup. */
  readonly isHost: boolean;
}

/** @throws CommandError if neither the folder nor one above has a package.json */
export function findProject(folder: string): Project {
  const known = existing(folder);
  if (known !== undefined) return known;
  const above = dirname(folder);
  if (above !== folder) return findProject(above);
  throw new CommandError('no package.json found: run npm init -y, then npm install esp-host');
}

function existing(root: string): Project | undefined {
  const file = join(root, 'package.json');
  if (!existsSync(file)) return undefined;
  const manifest = readManifest(file);
  return { root, manifest, isHost: manifest.name === 'esp-host' };
}

/** The project of this folder, with scripts and esp-host. A new one has ES modules. @throws CommandError */
export function projectIn(root: string, changes: Changes): Project {
  const known = existing(root);
  const fresh: Manifest = { name: packageName(basename(root)), version: '1.0.0', private: true, type: 'module' };
  const { manifest, isHost } = known ?? { manifest: fresh, isHost: false };
  if (known === undefined) changes.create(join(root, 'package.json'), json(manifest));
  const scripts = { start: 'esp-host dev', build: 'esp-host build', ...manifest.scripts };
  const hasHost = 'esp-host' in { ...manifest.dependencies, ...manifest.devDependencies };
  const dependencies = { ...manifest.dependencies, ...(hasHost ? {} : { 'esp-host': `^${own().version}` }) };
  const completed = { ...manifest, scripts, dependencies };
  changes.edit(join(root, 'package.json'), json(completed));
  return { root, manifest: completed, isHost };
}

const packageName = (folder: string): string =>
  folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-._]+|(?<!-)-+$/g, '') || 'esp-methods';

const own = (): Manifest => JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as Manifest;

function readManifest(file: string): Manifest {
  try {
    return checked(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws an Error unless the manifest and its maps are objects */
function checked(manifest: unknown): Manifest {
  if (!isObject(manifest)) throw new Error('it must be an object');
  const own: Manifest = manifest;
  for (const key of ['scripts', 'dependencies', 'devDependencies'] as const) {
    if (own[key] !== undefined && !isObject(own[key])) throw new Error(`${key} must be an object`);
  }
  return own;
}

const TEST = 'node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js';

export const JEST_CONFIG = `/** Tests run on the TypeScript sources as ES modules. */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: true },
          target: 'es2023',
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: { '^(\\\\.{1,2}/.*(?<!\\\\.json))\\\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/'],
};
`;

export const COMPILER_OPTIONS = {
  target: 'ES2023',
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  experimentalDecorators: true,
  skipLibCheck: true,
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** tsconfig.json of a plugin, for `tsc -p plugins/NAME`. The build of esp-host bundles its own plugins. */
export function pluginTsconfig({ isHost }: Project): string {
  const output = { rootDir: '.', outDir: 'dist', sourceMap: true, inlineSources: true };
  const files = '  "include": ["."],\n  "exclude": ["dist", "**/*.test.ts"]\n}\n';
  const options = isHost
    ? { paths: { 'esp-host': ['../../dist/src/index.d.ts'] } }
    : { ...COMPILER_OPTIONS, ...output };
  const head = { ...(isHost ? { extends: '../../tsconfig.json' } : {}), compilerOptions: options };
  return json(head)
    .replace(/\n}\n$/, `,\n${files}`)
    .replaceAll(/\[\s+("[^"]*")\s+\]/g, '[$1]');
}

/** Sets up `npm test` and the types, if missing. @returns whether packages must be installed */
export function setUp(project: Project, changes: Changes): boolean {
  if (project.isHost) return false;
  const { root, manifest } = project;
  changes.createWhereMissing(
    join(root, 'tsconfig.json'),
    json({ compilerOptions: { ...COMPILER_OPTIONS, noEmit: true }, include: ['plugins'], exclude: ['**/dist'] }),
  );
  const { test } = manifest.scripts ?? {};
  if (test !== undefined && !test.includes('no test specified')) return false;
  const hasConfig =
    manifest.jest !== undefined ||
    ['js', 'mjs', 'cjs', 'ts', 'json'].some((end) => existsSync(join(root, `jest.config.${end}`)));
  if (!hasConfig) changes.create(join(root, 'jest.config.mjs'), JEST_CONFIG);
  const missing = missingPackages(manifest);
  const devDependencies = { ...manifest.devDependencies, ...missing };
  changes.edit(
    join(root, 'package.json'),
    json({ ...manifest, scripts: { ...manifest.scripts, test: TEST }, devDependencies }),
  );
  return Object.keys(missing).length > 0;
}

const NEEDED = ['@jest/globals', '@swc/core', '@swc/jest', '@types/node', 'jest', 'typescript'];

/** With the versions that esp-host is tested with. */
function missingPackages({ dependencies = {}, devDependencies = {} }: Manifest): Record<string, string> {
  const { devDependencies: tested } = own();
  const missing = NEEDED.filter((name) => !(name in dependencies) && !(name in devDependencies));
  return Object.fromEntries(missing.map((name) => [name, tested?.[name] ?? '*']));
}
