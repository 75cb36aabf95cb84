import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import {
  Application,
  type Channel,
  Channels,
  type ChannelType,
  ConfigError,
  channelSchema,
  channelWarnings,
  type LoadedConfig,
  type Problem,
} from '../config/index.js';
import { type LoadedPlugin, methodName, PluginStartError, webhookPath } from '../host/index.js';
import { codeProblems, loadPlugin, type ModuleCache, PluginLoadError } from '../plugin-loading/index.js';
import { errorText, maskSecrets } from '../telemetry/index.js';
import type { ListenerTls } from '../transport/index.js';
import { ListenError } from './errors.js';
import type { WatchedFiles } from './watched-files.js';

export interface PrepareOptions {
  /** Whether plugins may be TypeScript: yes for the mock platform and tests, no in production. */
  readonly typescript: boolean;
  /** Reloads plugins whose code has changed. @default each is loaded once */
  readonly modules?: ModuleCache | undefined;
}

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

/** Checks a configuration, and loads its plugins and certificates. @throws ConfigError with file:line:column */
export async function prepare(loaded: LoadedConfig, options: PrepareOptions): Promise<Prepared> {
  const plugins: LoadedPlugin[] = [];
  for (const [index, { use }] of loaded.config.plugins.entries())
    plugins.push(await prepared(loaded, index, use, options));
  checkClaims(loaded, plugins);
  checkWebhooks(loaded, plugins);
  return {
    loaded,
    application: new Application(loaded.config.application),
    ...prepareChannels(loaded, plugins),
    plugins,
    tls: prepareTls(loaded, 'esp'),
    httpTls: prepareTls(loaded, 'http'),
    webhooksTls: prepareTls(loaded, 'webhooks'),
    services: loaded.fingerprint(['application', 'channels', 'plugins', 'limits', 'state']),
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

async function prepared(
  loaded: LoadedConfig,
  index: number,
  use: string,
  { typescript, modules }: PrepareOptions,
): Promise<LoadedPlugin> {
  const definition = await loadPlugin(use, loaded.directory, typescript, modules).catch((error: Error) => {
    throw Object.assign(loaded.problem(['plugins', index, 'use'], `cannot be used: ${error.message}`), {
      cause: error,
    });
  });
  const options = loaded.validate(['plugins', index, 'options'], definition.options ?? z.strictObject({}));
  return { use, definition, options };
}

/** Each method, each path of webhooks, each channel type and each command belongs to one plugin. */
function checkClaims(loaded: LoadedConfig, plugins: readonly LoadedPlugin[]): void {
  const owners = new Map<string, string>();
  for (const [index, { definition }] of plugins.entries()) {
    const problem = (message: string) => loaded.problem(['plugins', index, 'use'], message);
    const methods = definition.methods.map((handler) => {
      const name = methodName(handler);
      if (name === undefined) throw problem(`has class ${handler.name} without @EspMethod`);
      return name;
    });
    const types = (definition.channels ?? []).map(({ type }) => `channels of type '${type}'`);
    const paths = (definition.webhooks ?? []).map((receiver) => {
      const path = webhookPath(receiver);
      if (path === undefined) throw problem(`has class ${receiver.name} without @Webhook`);
      return `webhooks at ${path}`;
    });
    const commands = (definition.commands ?? []).map(({ name }) => `command '${name}'`);
    for (const claim of [...methods, ...types, ...paths, ...commands]) {
      const owner = owners.get(claim);
      if (owner !== undefined) throw problem(`claims ${claim}, as ${owner} does: remove one of them`);
      owners.set(claim, `plugins[${index}].use (plugin ${definition.name})`);
    }
  }
}

/** A listener without a receiver would refuse every webhook, and a forward without one would get none. */
function checkWebhooks(loaded: LoadedConfig, plugins: readonly LoadedPlugin[]): void {
  const { webhooks } = loaded.config.listeners;
  if (webhooks === undefined) return;
  const paths = plugins.flatMap(({ definition }) =>
    (definition.webhooks ?? []).flatMap((one) => webhookPath(one) ?? []),
  );
  if (paths.length === 0)
    throw loaded.problem(['listeners', 'webhooks'], 'has nothing to do: none of the plugins receives webhooks');
  for (const [name, { path }] of Object.entries(webhooks.forward ?? {})) {
    if (paths.includes(path)) continue;
    const message = `must be the path of a receiver: ${paths.join(' or ')}`;
    throw loaded.problem(['listeners', 'webhooks', 'forward', name, 'path'], message, paths);
  }
}

/** Each channel is checked by the plugin that brings its type. */
function prepareChannels(
  loaded: LoadedConfig,
  plugins: readonly LoadedPlugin[],
): Pick<Prepared, 'channels' | 'warnings'> {
  const types = new Map<string, { readonly definition: ChannelType; readonly options: unknown }>();
  for (const { definition: plugin, options } of plugins) {
    for (const definition of plugin.channels ?? []) types.set(definition.type, { definition, options });
  }
  const { listeners, state } = loaded.config;
  const host = { receivesWebhooks: listeners.webhooks !== undefined, keepsState: state !== undefined };
  const channels: Channel[] = [];
  const warnings: Problem[] = [];
  for (const [name, { type, phoneNumber }] of Object.entries(loaded.config.channels)) {
    const path = ['channels', name];
    const brought = types.get(type);
    if (brought === undefined) throw unknownType(loaded, name, type, [...types.keys()]);
    const { definition, options } = brought;
    const given = loaded.given(path);
    const settings = loaded.validate(path, channelSchema(definition, given));
    const problem: Channel['problem'] = (...mistakes) => loaded.mistakes(path, mistakes);
    channels.push({ name, type, phoneNumber, settings, problem });
    warnings.push(
      ...loaded.mistakes(path, channelWarnings(definition, given, settings, { ...host, options })).problems,
    );
  }
  return { channels: new Channels(channels), warnings };
}

function unknownType(loaded: LoadedConfig, name: string, type: string, known: readonly string[]): Error {
  const types = known.join(', ') || 'none';
  return loaded.problem(
    ['channels', name, 'type'],
    `is '${type}', but the channel types of the plugins are: ${types}`,
    known,
  );
}

function prepareTls(loaded: LoadedConfig, listener: 'esp' | 'http' | 'webhooks'): ListenerTls | undefined {
  const tls = loaded.config.listeners[listener]?.tls;
  if (tls === undefined) return undefined;
  const path = ['listeners', listener, 'tls'];
  const pem = (name: 'certificate' | 'key' | 'clientCa', file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw loaded.problem([...path, name], `cannot be read: ${(error as Error).message}`);
    }
  };
  const certificate = pem('certificate', tls.certificate);
  const key = pem('key', tls.key);
  const clientCa = tls.clientCa === undefined ? {} : { clientCa: pem('clientCa', tls.clientCa) };
  try {
    createSecureContext({ cert: certificate, key, ca: clientCa.clientCa });
  } catch (error) {
    throw loaded.problem(path, `is not a usable certificate and key: ${(error as Error).message}`);
  }
  return { certificate, key, ...clientCa, ...(tls.clientNames === undefined ? {} : { clientNames: tls.clientNames }) };
}

/**
 * Why a configuration was rejected, each reason with its place: in the code of the plugin at fault, else in config.yaml.
 * @param loaded undefined if the configuration could not be read
 */
export function problemsOf(error: unknown, loaded: LoadedConfig | undefined): readonly Problem[] {
  const { cause } = error as { readonly cause?: unknown };
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
