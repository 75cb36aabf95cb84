import { pathToFileURL } from 'node:url';
import { errorText, maskSecrets } from '../telemetry/index.js';
import type { ChangingModules } from './changing-modules.js';
import { hookModules } from './module-hooks.js';
import { isPlugin, type PluginDefinition } from './plugin.js';
import { entryPlaces, isTypeScript, pluginEntry } from './plugin-entry.js';
import { importTypeScript } from './typescript.js';

/** A plugin whose module cannot be used; the text says why. */
export class PluginBroken extends Error {
  override readonly name = 'PluginBroken';
}

/**
 * Imports the plugin that `use` names.
 * @param modules where its files may change; without them a module is loaded once
 * @throws PluginNotFound, PluginBroken
 */
export async function loadPlugin(
  use: string,
  directory: string,
  typescript: boolean,
  modules?: ChangingModules,
): Promise<PluginDefinition> {
  modules?.looked(entryPlaces(use, directory));
  const entry = pluginEntry(use, directory, typescript);
  supplyApi();
  const loaded = await importEntry(entry, typescript, modules);
  const plugin = (loaded as { default?: unknown }).default;
  if (!isPlugin(plugin)) throw new PluginBroken(`${entry} has no 'export default definePlugin({ ... })'`);
  return plugin;
}

async function importEntry(entry: string, typescript: boolean, modules: ChangingModules | undefined): Promise<unknown> {
  try {
    if (isTypeScript(entry) && !typescript)
      throw new PluginBroken(`${entry} is TypeScript, and serve loads JavaScript: build it first`);
    if (modules !== undefined) return await modules.import(entry);
    if (!isTypeScript(entry)) return await import(pathToFileURL(entry).href);
    return await importTypeScript(entry);
  } catch (error) {
    if (error instanceof PluginBroken) throw error;
    throw new PluginBroken(`${entry} failed to load: ${maskSecrets(errorText(error))}${placeOf(error)}`, {
      cause: error,
    });
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
