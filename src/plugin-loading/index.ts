/** Finds, compiles and imports plugins. */
export { codeProblems } from './code-problems.js';
export { PLUGIN_ERRORS, PluginError, PluginLoadError, PluginNotFoundError } from './errors.js';
export { loadPlugin } from './load-plugin.js';
export { ModuleCache } from './module-cache.js';
export { isTypeScript, pluginEntry, upwards } from './plugin-entry.js';
