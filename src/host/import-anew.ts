import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Contents } from './made-of.js';
import { hookModules } from './module-hooks.js';
import { bundle } from './typescript.js';

/**
 * Loads a plugin of JavaScript once more, with all of its own files, where `import` would give the modules of the first
 * time: the URL of each has a query of this load. What packages bring stays loaded.
 * @param contents is told of the files
 * @param stale the files of the time before: Node knows CommonJS by its path, so that it is to forget them
 */
export async function importAnew(entry: string, contents: Contents, stale: Iterable<string>): Promise<unknown> {
  hooked ??= followImports();
  if (!hooked) return import(pathToFileURL(entry).href);
  for (const path of stale) delete require.cache[path];
  const query = `?load=${loads.size + 1}`;
  loads.set(query, contents);
  contents.file(entry);
  latest = contents;
  try {
    return await import(`${pathToFileURL(entry).href}${query}`);
  } catch (error) {
    throw error instanceof SyntaxError ? await withPlace(entry, error) : error;
  }
}

/** Node does not tell where a module cannot be read, and esbuild does. */
async function withPlace(entry: string, error: SyntaxError): Promise<unknown> {
  return bundle(entry).then(
    () => error,
    (failure: unknown) => failure,
  );
}

const require = createRequire(import.meta.url);

/** Every load by its query: a module may import another one of its plugin at any time. */
const loads = new Map<string, Contents>();

/** CommonJS has no queries: what it requires belongs to the load that has the file which does. */
let latest: Contents | undefined;
let hooked: boolean | undefined;

function followImports(): boolean {
  return hookModules({
    resolve: (specifier, context, next) => {
      const [parent = '', query] = (context.parentURL ?? '').split(/(?=\?)/);
      const contents = loads.get(query ?? '') ?? (parent.startsWith('file:') ? ownerOf(parent) : undefined);
      if (contents === undefined || !/^\.{1,2}\//.test(specifier)) return next(specifier, context);
      contents.folder(dirname(fileURLToPath(new URL(specifier, parent))));
      const found = next(specifier, context);
      contents.file(fileURLToPath(found.url));
      return query === undefined ? found : { ...found, url: `${found.url}${query}` };
    },
  });
}

const ownerOf = (parent: string): Contents | undefined =>
  latest?.has(fileURLToPath(parent)) === true ? latest : undefined;
