import type { LoadedFile } from '../config/index.js';
import type { PluginDefinition } from '../host/index.js';

/** A plugin, and the entry of the configuration that names it. */
export interface ConfiguredPlugin {
  readonly use: string;
  readonly definition: PluginDefinition;
}

interface Plugins {
  readonly plugins: readonly { readonly use: string }[];
}

/** Loads the plugins of a configuration, including TypeScript ones, without checking their options. @throws ConfigError */
export async function configuredPlugins(loaded: LoadedFile<Plugins>): Promise<ConfiguredPlugin[]> {
  const { loadPlugin } = await import('../plugin-loading/index.js');
  const plugins: ConfiguredPlugin[] = [];
  for (const [index, { use }] of loaded.config.plugins.entries()) {
    const definition = await loadPlugin(use, loaded.directory, true).catch((error: Error) => {
      throw loaded.problem(['plugins', index, 'use'], `cannot be used: ${error.message}`);
    });
    plugins.push({ use, definition });
  }
  return plugins;
}
