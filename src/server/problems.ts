import { ConfigError, type LoadedConfig, type Problem } from '../config/index.js';
import { codeProblems, HostError, PluginBroken } from '../host/index.js';
import { errorText, maskSecrets } from '../telemetry/index.js';
import { ListenFailed } from './listen-failed.js';

/**
 * Why a configuration was refused, each with its place: in the code of a plugin where that is at fault, else in
 * config.yaml. @param loaded the configuration, as soon as it could be read
 */
export function problemsOf(error: unknown, loaded: LoadedConfig | undefined): readonly Problem[] {
  const inCode = codeProblemsOf(error);
  if (inCode.length > 0) return inCode;
  if (error instanceof ConfigError) return error.problems;
  // What a HostError says has its cause in it.
  const message = error instanceof HostError ? error.message : maskSecrets(errorText(error));
  const config = { file: loaded?.file ?? '', line: 1, column: 1, message };
  if (loaded === undefined) return [config];
  if (error instanceof ListenFailed)
    return loaded.problem(error.key.split('.'), `cannot be used: ${error.message}`).problems;
  const index = loaded.config.plugins.findIndex(({ use }) => error instanceof HostError && use === error.use);
  return index < 0 ? [config] : loaded.problem(['plugins', index, 'use'], `cannot be used: ${message}`).problems;
}

function codeProblemsOf(error: unknown): Problem[] {
  if (error instanceof HostError) return codeProblems(error.cause, error.message);
  const { cause } = error as { cause?: unknown };
  return cause instanceof PluginBroken
    ? codeProblems(cause.cause, `failed to load: ${maskSecrets(errorText(cause.cause))}`)
    : [];
}
