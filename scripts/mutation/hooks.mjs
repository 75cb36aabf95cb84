/** Loads sources and tests as jest does, the sources with all their mutants. `?g=1` loads everything again. */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import { mutate } from './mutants/mutate.mjs';
import { firstIdOf, ROOT } from './sources.mjs';

const root = pathToFileURL(ROOT).href;
const globals = new URL('harness.mjs', import.meta.url).href;
const ENTRIES = {
  'esp-host': 'src/index.ts',
  '#server': 'src/server/index.ts',
  '#wire': 'src/wire.ts',
  '#messaging-mock': 'plugins/messaging/mock/index.ts',
  'esp-host/client': 'src/client.ts',
  'esp-host/testing': 'src/testing/index.ts',
  'esp-host/mock': 'mock-platform/index.ts',
  '#mock-platform': 'mock-platform/commands.ts',
};

/** The host's own hooks for plugins would outlive a generation, so they are not available, as in jest. */
const MODULE = `data:text/javascript,export * from 'node:module'; export function registerHooks() { throw new Error('none here'); }`;

const isOwn = (url) => url.startsWith(root) && !/\/(node_modules|dist)\//.test(url);
const isSource = (url) => url.startsWith('file:') && !/\/(node_modules|dist)\//.test(url) && /\.tsx?(\?|$)/.test(url);

/** File -> the files that it imports. */
const imports = new Map();

/** A file and everything that it has imported so far, directly or not. */
export function closureOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of imports.get(file) ?? []) closureOf(imported, found);
  return found;
}

const placeOf = (url) => fileURLToPath(url).slice(ROOT.length);

export function install() {
  registerHooks({ resolve, load });
}

function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: globals, format: 'module', shortCircuit: true };
  const parent = context.parentURL ?? '';
  if (specifier === 'node:module' && isSource(parent)) return { url: MODULE, shortCircuit: true };
  const own = ENTRIES[specifier] === undefined ? ownFile(specifier, parent) : new URL(ENTRIES[specifier], root);
  if (own === undefined) return next(specifier, context);
  if (isSource(parent)) {
    const from = placeOf(parent);
    if (!imports.has(from)) imports.set(from, new Set());
    imports.get(from).add(placeOf(own));
  }
  // Plugins that a test writes or reloads belong to the current generation.
  const generation = /\?g=[\w-]+$/.exec(parent)?.[0] ?? `?g=${globalThis.$generation}`;
  return { url: `${own.href}${own.search === '' ? generation : ''}`, format: 'module', shortCircuit: true };
}

function ownFile(specifier, parent) {
  if (
    !/^(\.{1,2}\/|file:)/.test(specifier) ||
    (parent !== '' && /\/(node_modules|dist)\//.test(parent) && !specifier.startsWith('file:'))
  )
    return undefined;
  const url = new URL(specifier, parent || undefined);
  // Use the source of a built plugin.
  const typed = url.href.replace(/(\/plugins\/[\w-]+\/)dist\//, '$1').replace(/\.js(\?.*)?$/, '.ts$1');
  if (!isSource(typed)) return undefined;
  const found = [new URL(typed), new URL(typed.replace(/\.ts(\?.*)?$/, '.tsx$1'))];
  return found.find((file) => existsSync(fileURLToPath(file)));
}

const transformed = new Map();

function load(url, context, next) {
  if (!isSource(url)) return next(url, context);
  const path = fileURLToPath(url);
  // Files of other folders may change, so they are not cached. Tests look at places in them.
  if (!isOwn(url)) return { format: 'module', source: transform(path, 'inline'), shortCircuit: true };
  if (!transformed.has(path)) transformed.set(path, transform(path));
  return { format: 'module', source: transformed.get(path), shortCircuit: true };
}

/** The code of a source. It sees its own URL without the generation, as it does in jest. */
function transform(path, sourceMaps = false) {
  const tsx = path.endsWith('.tsx');
  const first = firstIdOf(path.slice(ROOT.length));
  const text = readFileSync(path, 'utf8');
  const mutated = () =>
    `globalThis.$evaluates = true;\n${mutate(text, { tsx, first }).text}\nglobalThis.$evaluates = false;\n`;
  return transformSync(first === undefined ? text : mutated(), {
    filename: path,
    swcrc: false,
    jsc: {
      parser: { syntax: 'typescript', decorators: true, tsx },
      transform: {
        legacyDecorator: true,
        useDefineForClassFields: true,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
      target: 'es2023',
    },
    module: { type: 'es6' },
    sourceMaps,
  }).code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
}
