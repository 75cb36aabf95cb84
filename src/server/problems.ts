import { ConfigError, type LoadedConfig, type Problem } from '../config/index.js';
import { PluginStartError } from '../host/index.js';
import { codeProblems, PluginLoadError } from '../plugin-loading/index.js';
import { errorText, maskSecrets } from '../telemetry/index.js';
import { ListenError } from './errors.js';

/**
 * Why a configuration was rejected, each reason with its place: in the code of the plugin at fault, else in config.yaml.
 * @param loaded undefined if the configuration could not be read
 */
export function problemsOf(error: unknown, loaded: LoadedConfig | undefined): readonly Problem[] {
  const { cause } = error as { readonly cause?: unknown };
  if (error instanceof ConfigError && cause instanceof AggregateError)
    return cause.errors.flatMap((one) => problemsOf(one, loaded));
  if (cause instanceof ConfigError) return cause.problems;
  const inCode = codeProblemsOf(error);
  if (inCode.length > 0) return inCode;
  if (error instanceof ConfigError) return error.problems;
  // The message of a PluginStartError includes its cause.
  const message = error instanceof PluginStartError ? error.message : maskSecrets(errorText(error));
  const config = { file: loaded?.file ?? '', line: 1, column: 1, message };
  if (loaded === undefined) return [config];
  if (error instanceof ListenError)
    return loaded.problem(error.key.split('.'), `cannot be used: ${error.message}`).problems;
  const index = loaded.config.plugins.findIndex(({ use }) => error instanceof PluginStartError && use === error.use);
  return index < 0 ? [config] : loaded.problem(['plugins', index, 'use'], `cannot be used: ${message}`).problems;
}

function codeProblemsOf(error: unknown): Problem[] {
  if (error instanceof PluginStartError) return codeProblems(error.cause, error.message);
  const { cause } = error as { cause?: unknown };
  return cause instanceof PluginLoadError
    ? codeProblems(cause.cause, `failed to load: ${maskSecrets(errorText(cause.cause))}`)
    : [];
}
