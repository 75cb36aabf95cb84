import { CodedError, type ErrorTable } from '../esp/index.js';

/** Errors of plugin loading. */
export const PLUGIN_ERRORS = {
  ESP_PLUGIN_NOT_FOUND: 'The `use` of a plugin names no file, folder or package with an entry file.',
  ESP_PLUGIN_NOT_BUILT: 'The plugin is TypeScript only, but `serve` loads JavaScript.',
  ESP_PLUGIN_LOAD_FAILED: 'The plugin does not compile, or its module throws. `cause` says why.',
  ESP_PLUGIN_NO_DEFINITION: 'The default export of the module was not made by `definePlugin`.',
} as const satisfies ErrorTable;

type PluginErrorCode = keyof typeof PLUGIN_ERRORS;

/** The base of the errors of plugin loading. */
export abstract class PluginError extends CodedError<PluginErrorCode> {}

/** `use` does not lead to an entry file. The message says where the loader looked and what to do. */
export class PluginNotFoundError extends PluginError {
  override readonly name = 'PluginNotFoundError';
  constructor(message: string, code: 'ESP_PLUGIN_NOT_FOUND' | 'ESP_PLUGIN_NOT_BUILT' = 'ESP_PLUGIN_NOT_FOUND') {
    super(code, message);
  }
}

/** The module of a plugin cannot be used. */
export class PluginLoadError extends PluginError {
  override readonly name = 'PluginLoadError';
  constructor(
    /** The entry file. */
    readonly entry: string,
    code: Exclude<PluginErrorCode, 'ESP_PLUGIN_NOT_FOUND'>,
    why: string,
    options?: ErrorOptions,
  ) {
    super(code, `${entry} ${why}`, options);
  }
}
