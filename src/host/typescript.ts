import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import type { MadeOf } from './made-of.js';
import { hookModules } from './module-hooks.js';

/**
 * Loads a plugin that is written in TypeScript, for the mock platform and for tests: its own files are bundled into
 * one module in memory, its packages stay outside. Production loads JavaScript and never comes here.
 * @param madeOf is told of the files; the module is then a new one, even where there is one of the same text
 */
export async function importTypeScript(entry: string, madeOf?: MadeOf): Promise<unknown> {
  hooked ??= serveBundles();
  if (!hooked) return import(pathToFileURL(entry).href);
  const source = await bundle(entry, madeOf);
  const version = madeOf === undefined ? createHash('sha256').update(source).digest('hex').slice(0, 16) : ++last;
  const url = `${pathToFileURL(entry).href}?bundle=${version}`;
  process.setSourceMapsEnabled(true);
  sources.set(url, source);
  return import(url);
}

/** @throws the BuildFailure of esbuild */
export async function bundle(entry: string, madeOf?: MadeOf): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    sourcemap: 'inline',
    // Where the source map's paths begin.
    outdir: dirname(entry),
    write: false,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    plugins: madeOf === undefined ? [] : [telling(madeOf)],
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Tells of every file that is read, also where the bundle then fails: esbuild's own list comes with a good one alone. */
const telling = (madeOf: MadeOf): Plugin => ({
  name: 'made-of',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      madeOf.folder(dirname(resolve(resolveDir, path)));
      return undefined;
    });
    build.onLoad({ filter: /./, namespace: 'file' }, ({ path }) => {
      madeOf.file(path);
      return undefined;
    });
  },
});

/** Bundles by their URL, which changes with their content. */
const sources = new Map<string, string>();
let last = 0;
let hooked: boolean | undefined;

function serveBundles(): boolean {
  return hookModules({
    resolve: (specifier, context, next) =>
      sources.has(specifier) ? { url: specifier, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (asked, context, next) => {
      const bundled = sources.get(asked);
      return bundled === undefined ? next(asked, context) : { format: 'module', source: bundled, shortCircuit: true };
    },
  });
}
