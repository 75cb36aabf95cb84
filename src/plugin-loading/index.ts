/** Finds, compiles and imports plugins. */
export { isOfHost, upwards } from './build-command.js';
export { codeProblems } from './code-problems.js';
export { PLUGIN_ERRORS, PluginError, PluginLoadError, PluginNotFoundError } from './errors.js';
export { loadPlugin } from './load-plugin.js';
export { ModuleCache } from './module-cache.js';
export { isTypeScript, pluginEntry } from './plugin-entry.js';
export { type StaleBuild, staleBuild } from './stale-build.js';
