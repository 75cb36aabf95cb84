import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { hookModules } from './module-hooks.js';

/**
 * Loads a plugin that is written in TypeScript, for the mock platform and for tests: its own files are bundled into
 * one module in memory, its packages stay outside. Production loads JavaScript and never comes here.
 */
export async function importTypeScript(entry: string): Promise<unknown> {
  hooked ??= serveBundles();
  if (!hooked) return import(pathToFileURL(entry).href);
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    sourcemap: 'inline',
    write: false,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  const source = result.outputFiles[0]?.text ?? '';
  const url = `${pathToFileURL(entry).href}?bundle=${createHash('sha256').update(source).digest('hex').slice(0, 16)}`;
  process.setSourceMapsEnabled(true);
  sources.set(url, source);
  return import(url);
}

/** Bundles by their URL, which changes with their content. */
const sources = new Map<string, string>();
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
