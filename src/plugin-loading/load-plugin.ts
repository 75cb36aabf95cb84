import { pathToFileURL } from 'node:url';
import { isPlugin, type PluginDefinition } from '../host/index.js';
import { errorText, maskSecrets } from '../telemetry/index.js';
import { PluginError, PluginLoadError } from './errors.js';
import { importTypeScript, supplyApi } from './import-module.js';
import type { ModuleCache } from './module-cache.js';
import { isTypeScript, pluginEntry, searchedPaths } from './plugin-entry.js';

/**
 * Imports the plugin that `use` names.
 * @param directory the folder that `use` is relative to
 * @param modules reloads a plugin whose files change; without it, each module is loaded once
 * @throws PluginNotFoundError, PluginLoadError
 */
export async function loadPlugin(
  use: string,
  directory: string,
  typescript: boolean,
  modules?: ModuleCache,
): Promise<PluginDefinition> {
  modules?.watch(searchedPaths(use, directory));
  const entry = pluginEntry(use, directory, typescript);
  supplyApi();
  const loaded = await importEntry(entry, typescript, modules);
  const plugin = (loaded as { default?: unknown }).default;
  if (isPlugin(plugin)) return plugin;
  throw new PluginLoadError(entry, 'ESP_PLUGIN_NO_DEFINITION', "has no 'export default definePlugin({ ... })'");
}

async function importEntry(entry: string, typescript: boolean, modules: ModuleCache | undefined): Promise<unknown> {
  try {
    if (isTypeScript(entry) && !typescript) {
      const why = 'is TypeScript, but serve loads JavaScript: build it first';
      throw new PluginLoadError(entry, 'ESP_PLUGIN_NOT_BUILT', why);
    }
    if (modules !== undefined) return await modules.import(entry);
    if (!isTypeScript(entry)) return await import(pathToFileURL(entry).href);
    return await importTypeScript(entry);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    const why = `failed to load: ${maskSecrets(errorText(error))}${placeOf(error)}`;
    throw new PluginLoadError(entry, 'ESP_PLUGIN_LOAD_FAILED', why, { cause: error });
  }
}

/** Only the first line of a stack says where a syntax error is. */
function placeOf(error: unknown): string {
  const [, place] = error instanceof SyntaxError ? (/^(?!SyntaxError)(.+:\d+)\n/.exec(error.stack ?? '') ?? []) : [];
  return place === undefined ? '' : ` (${place})`;
}
