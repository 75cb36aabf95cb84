import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '../telemetry/index.js';
import { hookModules } from './module-hooks.js';
import { isPlugin, type PluginDefinition } from './plugin.js';
import { pluginEntry } from './plugin-entry.js';

/** A plugin whose module cannot be used; the text says why. */
export class PluginBroken extends Error {
  override readonly name = 'PluginBroken';
}

/** Imports the plugin that `use` names. @throws PluginNotFound, PluginBroken */
export async function loadPlugin(use: string, directory: string, typescript: boolean): Promise<PluginDefinition> {
  const entry = pluginEntry(use, directory, typescript);
  supplyApi();
  const loaded = await importEntry(entry, typescript);
  const plugin = (loaded as { default?: unknown }).default;
  if (!isPlugin(plugin)) throw new PluginBroken(`${entry} has no 'export default definePlugin({ ... })'`);
  return plugin;
}

async function importEntry(entry: string, typescript: boolean): Promise<unknown> {
  try {
    if (!/^\.[mc]?ts$/.test(extname(entry))) return await import(pathToFileURL(entry).href);
    if (!typescript) throw new PluginBroken(`${entry} is TypeScript, and serve loads JavaScript: build it first`);
    const { importTypeScript } = await import('./typescript.js');
    return await importTypeScript(entry);
  } catch (error) {
    if (error instanceof PluginBroken) throw error;
    throw new PluginBroken(`${entry} failed to load: ${errorText(error)}${placeOf(error)}`, { cause: error });
  }
}

/** Where a syntax error is stands in the first line of its stack alone. */
function placeOf(error: unknown): string {
  const [, place] = error instanceof SyntaxError ? (/^(?!SyntaxError)(.+:\d+)\n/.exec(error.stack ?? '') ?? []) : [];
  return place === undefined ? '' : ` (${place})`;
}

let supplied = false;

/** A plugin's `esp-host` is the host that runs it, wherever the plugin lies and whatever is installed beside it. */
function supplyApi(): void {
  if (supplied) return;
  supplied = true;
  const api = import.meta.resolve('esp-host');
  hookModules({
    resolve: (specifier, context, next) =>
      specifier === 'esp-host' ? { url: api, shortCircuit: true } : next(specifier, context),
  });
}
