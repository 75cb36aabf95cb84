import type { PluginDefinition } from 'esp-host';

declare const plugin: PluginDefinition;
export default plugin;
