import {
  Application,
  type Channels,
  ConfigErrors,
  type LoadedConfig,
  type LoadedParts,
  loadConfig,
  loadParts,
  type Problem,
} from '../config/index.js';
import type { LoadedPlugin } from '../host/index.js';
import type { ListenerTls } from '../transport/index.js';
import { prepareChannels } from './prepare-channels.js';
import { checkPorts, checkWebhooks, prepareTls } from './prepare-listeners.js';
import { deadlineWarnings, type PrepareOptions, preparePlugins } from './prepare-plugins.js';
import type { WatchedFiles } from './watched-files.js';

/** A checked configuration with its plugins loaded. Nothing has started yet. */
export interface Prepared {
  readonly loaded: LoadedConfig;
  readonly application: Application;
  readonly channels: Channels;
  readonly plugins: readonly LoadedPlugin[];
  /** Settings that work now, but will stop working, or have no effect. */
  readonly warnings: readonly Problem[];
  readonly tls: ListenerTls | undefined;
  /** TLS of the HTTP listener. */
  readonly httpTls: ListenerTls | undefined;
  /** TLS of the listener for webhooks. */
  readonly webhooksTls: ListenerTls | undefined;
  /** Equal for configurations that lead to the same host, unless the code of a plugin has changed. */
  readonly services: string;
}

/** Whether both lead to the same host. */
export const servesTheSame = (one: Prepared, other: Prepared): boolean =>
  one.services === other.services &&
  one.plugins.every(({ definition }, index) => definition === other.plugins[index]?.definition);

/** Checks a configuration, and loads its plugins and certificates. @throws ConfigError with all problems */
export async function prepare(loaded: LoadedConfig, options: PrepareOptions): Promise<Prepared> {
  const errors = new ConfigErrors();
  const parts = await prepareParts(loaded, options, errors);
  errors.throwAny();
  return {
    loaded,
    application: new Application(loaded.config.application),
    ...parts,
    warnings: [...parts.warnings, ...deadlineWarnings(loaded, parts.plugins)],
    services: loaded.fingerprint(['application', 'channels', 'plugins', 'limits', 'state']),
  };
}

/** Like `prepare`, but also checks the plugins and channels of a file that is invalid otherwise. @throws ConfigError */
export async function prepareFile(file: string, options: PrepareOptions): Promise<Prepared> {
  const errors = new ConfigErrors();
  const loaded = errors.attempt(() => loadConfig(file));
  if (loaded !== undefined) return prepare(loaded, options);
  const parts = errors.attempt(() => loadParts(file));
  if (parts !== undefined) await prepareParts(parts, options, errors);
  return errors.throwAll();
}

type Parts = Pick<Prepared, 'channels' | 'plugins' | 'warnings' | 'tls' | 'httpTls' | 'webhooksTls'>;

async function prepareParts(loaded: LoadedParts, options: PrepareOptions, errors: ConfigErrors): Promise<Parts> {
  const plugins = await preparePlugins(loaded, options, errors);
  errors.attempt(() => checkPorts(loaded));
  // What a plugin would have brought is not missing if the plugin itself cannot be used.
  if (plugins.length === loaded.config.plugins.length) errors.attempt(() => checkWebhooks(loaded, plugins));
  return {
    plugins,
    ...prepareChannels(loaded, plugins, errors),
    tls: errors.attempt(() => prepareTls(loaded, 'esp')),
    httpTls: errors.attempt(() => prepareTls(loaded, 'http')),
    webhooksTls: errors.attempt(() => prepareTls(loaded, 'webhooks')),
  };
}

/** Loads and prepares a configuration, and records the state of its files in `files`. */
export async function prepareFrom(
  load: () => LoadedConfig,
  options: PrepareOptions,
  files: WatchedFiles,
): Promise<Prepared> {
  let loaded: LoadedConfig | undefined;
  const read = (): Promise<Prepared> => {
    loaded = undefined;
    loaded = load();
    return prepare(loaded, options);
  };
  return files.read(read, () => [...(loaded?.files ?? []), ...(options.modules?.watchedPaths ?? [])]);
}
