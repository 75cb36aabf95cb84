import { existsSync, readFileSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildCommand, upwards } from './build-command.js';
import { PluginNotFoundError } from './errors.js';

const SOURCES = ['index.ts', 'index.mts', 'src/index.ts'];
const BUILT = ['index.js', 'index.mjs', 'dist/index.js'];

/**
 * The file to import for a plugin's `use`, which is a folder or file (relative to `directory`) or a package.
 * @param typescript prefers sources to built files
 * @throws PluginNotFoundError
 */
export function pluginEntry(use: string, directory: string, typescript: boolean): string {
  return isPath(use) ? entryOfPath(resolve(directory, use), typescript) : entryOfPackage(use, directory);
}

/** The files and folders that decide which entry is found, whether they exist or not. */
export function searchedPaths(use: string, directory: string): string[] {
  const folders = isPath(use)
    ? [resolve(directory, use)]
    : upwards(resolve(directory)).map((folder) => join(folder, 'node_modules', use));
  return folders.flatMap((folder) => [folder, ...['package.json', 'src', 'dist'].map((name) => join(folder, name))]);
}

export const isTypeScript = (file: string): boolean => /\.[mc]?ts$/.test(file);

const isPath = (use: string): boolean => /^(\.{0,2}\/|[a-zA-Z]:\\|\.{1,2}$)/.test(use);

function entryOfPath(path: string, typescript: boolean): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new PluginNotFoundError(`${path} does not exist: paths are relative to the file that names them`);
  if (stat.isFile()) return path;
  const main = existsSync(join(path, 'package.json')) ? packageMain(join(path, 'package.json')) : undefined;
  const built = main === undefined ? BUILT : [main, ...BUILT];
  const entry = first(path, typescript ? [...SOURCES, ...built] : built);
  if (entry !== undefined) return entry;
  if (first(path, SOURCES) !== undefined) {
    const build = buildCommand(path);
    const advice = build === undefined ? `build it to ${path}/dist first` : `run ${build}`;
    const message = `${path} contains only TypeScript, but serve loads JavaScript: ${advice}`;
    throw new PluginNotFoundError(message, 'ESP_PLUGIN_NOT_BUILT');
  }
  throw new PluginNotFoundError(`${path} contains none of ${[...SOURCES, ...BUILT].join(', ')}`);
}

function entryOfPackage(name: string, directory: string): string {
  if (!/^(@[^/]+\/)?[^/]+$/.test(name))
    throw new PluginNotFoundError(`${name} is neither a package name nor a path: write ./${name} for a folder`);
  const found = findPackage(name, directory);
  if (found === undefined)
    throw new PluginNotFoundError(
      `package ${name} is not installed: run npm install ${name}, or write ./${name} for a folder`,
    );
  const entry = first(dirname(found), [packageMain(found) ?? 'index.js', 'index.js', 'dist/index.js']);
  if (entry === undefined)
    throw new PluginNotFoundError(`package ${name} has no entry: its package.json needs "exports" or "main"`);
  return entry;
}

function findPackage(name: string, directory: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(join(directory, 'config.yaml')));
  } catch {
    return undefined;
  }
}

/** `exports["."]` (for import), else `main`. */
function packageMain(file: string): string | undefined {
  const manifest = readManifest(file);
  const root = (manifest.exports as Record<string, unknown> | undefined)?.['.'] ?? manifest.exports;
  return target(root) ?? manifest.main;
}

function readManifest(file: string): { exports?: unknown; main?: string } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PluginNotFoundError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function target(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const conditions = value as { node?: unknown; import?: unknown; default?: unknown };
  return target(conditions.node) ?? target(conditions.import) ?? target(conditions.default);
}

function first(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
