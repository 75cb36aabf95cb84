import { createHash } from 'node:crypto';
import { createRequire, registerHooks } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/** Records what an import reads. */
export interface FileRecorder {
  /** Called before the file is read. */
  file(path: string): void;
  /** An import was searched for in this folder, which need not exist. */
  folder(path: string): void;
  /** Whether the file has been recorded. */
  has(path: string): boolean;
}

type Hooks = Parameters<typeof registerHooks>[0];

/**
 * Registers module hooks. Returns false under jest, which has none: its own loader compiles TypeScript and resolves
 * `esp-host`.
 */
function hookModules(hooks: Hooks): boolean {
  try {
    registerHooks(hooks);
    return true;
  } catch {
    return false;
  }
}

let supplied = false;

/** Resolves a plugin's `esp-host` to the running host, wherever the plugin is and whatever is installed next to it. */
export function supplyApi(): void {
  if (supplied) return;
  supplied = true;
  const api = import.meta.resolve('esp-host');
  hookModules({
    resolve: (specifier, context, next) =>
      specifier === 'esp-host' ? { url: api, shortCircuit: true } : next(specifier, context),
  });
}

/** Bundles by URL. The query of the URL tells versions apart. */
const bundles = new Map<string, string>();
let lastVersion = 0;
let servesBundles: boolean | undefined;

/**
 * Imports a plugin written in TypeScript, for the mock platform and for tests: bundles its own files in memory and leaves
 * packages external. Production loads JavaScript and does not come here.
 * @param recorder records the files; the module is then always a new one, even if its source is the same as before
 * @throws esbuild's BuildFailure
 */
export async function importTypeScript(entry: string, recorder?: FileRecorder): Promise<unknown> {
  servesBundles ??= hookModules({
    resolve: (specifier, context, next) =>
      bundles.has(specifier) ? { url: specifier, format: 'module', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => {
      const source = bundles.get(url);
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
  if (!servesBundles) return import(pathToFileURL(entry).href);
  const source = await bundle(entry, recorder);
  const version = recorder === undefined ? sha256(source).slice(0, 16) : ++lastVersion;
  const url = `${pathToFileURL(entry).href}?bundle=${version}`;
  process.setSourceMapsEnabled(true);
  bundles.set(url, source);
  return import(url);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function bundle(entry: string, recorder?: FileRecorder): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    sourcemap: 'inline',
    // The paths in the source map are relative to this.
    outdir: dirname(entry),
    write: false,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    plugins: recorder === undefined ? [] : [recording(recorder)],
  });
  return result.outputFiles[0]?.text ?? '';
}

/** Records each file before esbuild reads it. esbuild's own list of inputs exists only after a successful build. */
const recording = (recorder: FileRecorder): Plugin => ({
  name: 'record-files',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      recorder.folder(dirname(resolve(resolveDir, path)));
      return undefined;
    });
    build.onLoad({ filter: /./, namespace: 'file' }, ({ path }) => {
      recorder.file(path);
      return undefined;
    });
  },
});

const require = createRequire(import.meta.url);

/** Recorders by the query of their import: a module may import another file of its plugin at any time. */
const imports = new Map<string, FileRecorder>();

/** CommonJS modules have no query: what they require belongs to the latest import that has recorded their file. */
let latest: FileRecorder | undefined;
let followsImports: boolean | undefined;

/**
 * Imports a plugin written in JavaScript again, with all of its own files, where a plain `import` would return the modules
 * of the first time: a query in their URLs makes them new. Packages are not loaded again.
 * @param stale files of earlier imports, removed from the CommonJS cache, which ignores queries
 */
export async function importAnew(entry: string, recorder: FileRecorder, stale: Iterable<string>): Promise<unknown> {
  followsImports ??= followImports();
  if (!followsImports) return import(pathToFileURL(entry).href);
  for (const path of stale) delete require.cache[path];
  const query = `?load=${imports.size + 1}`;
  imports.set(query, recorder);
  recorder.file(entry);
  latest = recorder;
  try {
    return await import(`${pathToFileURL(entry).href}${query}`);
  } catch (error) {
    throw error instanceof SyntaxError ? await located(entry, error) : error;
  }
}

/** Node does not say where a syntax error of an ES module is; esbuild does. */
async function located(entry: string, error: SyntaxError): Promise<unknown> {
  return bundle(entry).then(
    () => error,
    (failure: unknown) => failure,
  );
}

function followImports(): boolean {
  return hookModules({
    resolve: (specifier, context, next) => {
      const [parent = '', query] = (context.parentURL ?? '').split(/(?=\?)/);
      const recorder = imports.get(query ?? '') ?? (parent.startsWith('file:') ? ownerOf(parent) : undefined);
      if (recorder === undefined || !/^\.{1,2}\//.test(specifier)) return next(specifier, context);
      recorder.folder(dirname(fileURLToPath(new URL(specifier, parent))));
      const found = next(specifier, context);
      recorder.file(fileURLToPath(found.url));
      return query === undefined ? found : { ...found, url: `${found.url}${query}` };
    },
  });
}

const ownerOf = (parent: string): FileRecorder | undefined =>
  latest?.has(fileURLToPath(parent)) === true ? latest : undefined;
