import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { Application, Channels, type LoadedConfig } from '../config/index.js';
import { type LoadedPlugin, methodName } from '../host/index.js';
import { loadPlugin, type ModuleCache } from '../plugin-loading/index.js';
import type { ListenerTls } from '../transport/index.js';
import type { WatchedFiles } from './watched-files.js';

export interface PrepareOptions {
  /** Whether plugins may be TypeScript: on for the mock platform and tests, off in production. */
  readonly typescript: boolean;
  /** Where plugins are being written: their code is loaded as it is now. Without it, it is loaded once. */
  readonly modules?: ModuleCache | undefined;
}

/** A config with its plugins loaded and every part of it checked; nothing listens yet. */
export interface Prepared {
  readonly loaded: LoadedConfig;
  readonly application: Application;
  readonly channels: Channels;
  readonly plugins: readonly LoadedPlugin[];
  readonly tls: ListenerTls | undefined;
  /** Of the HTTP listener. */
  readonly httpTls: ListenerTls | undefined;
  /** Stays the same as long as a host that is built from the same code would be the same. */
  readonly services: string;
}

/** Whether a host that is built from the one would be the same as one that is built from the other. */
export const servesTheSame = (one: Prepared, other: Prepared): boolean =>
  one.services === other.services &&
  one.plugins.every(({ definition }, index) => definition === other.plugins[index]?.definition);

/** Loads what a config names, and checks it all. @throws ConfigError with file:line:column */
export async function prepare(loaded: LoadedConfig, options: PrepareOptions): Promise<Prepared> {
  const plugins: LoadedPlugin[] = [];
  for (const index of loaded.config.plugins.keys()) plugins.push(await prepared(loaded, index, options));
  checkClaims(loaded, plugins);
  return {
    loaded,
    application: new Application(loaded.config.application),
    channels: prepareChannels(loaded, plugins),
    plugins,
    tls: prepareTls(loaded, 'esp'),
    httpTls: prepareTls(loaded, 'http'),
    services: loaded.fingerprint(['application', 'channels', 'plugins', 'limits']),
  };
}

/** Loads and prepares a configuration, and has `files` know what each of its files looked like before. */
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
  { typescript, modules }: PrepareOptions,
): Promise<LoadedPlugin> {
  const use = loaded.config.plugins[index]?.use ?? '';
  const definition = await loadPlugin(use, loaded.directory, typescript, modules).catch((error: Error) => {
    throw Object.assign(loaded.problem(['plugins', index, 'use'], `cannot be used: ${error.message}`), {
      cause: error,
    });
  });
  const options = loaded.validate(['plugins', index, 'options'], definition.options ?? z.strictObject({}));
  return { use, definition, options };
}

/** A method, and a channel type, is brought by one plugin. */
function checkClaims(loaded: LoadedConfig, plugins: readonly LoadedPlugin[]): void {
  const owners = new Map<string, string>();
  for (const [index, { definition }] of plugins.entries()) {
    const problem = (message: string) => loaded.problem(['plugins', index, 'use'], message);
    const methods = definition.methods.map((handler) => {
      const name = methodName(handler);
      if (name === undefined) throw problem(`brings class ${handler.name}, which has no @EspMethod`);
      return name;
    });
    const types = (definition.channels ?? []).map(({ type }) => `channels of type '${type}'`);
    for (const claim of [...methods, ...types]) {
      const owner = owners.get(claim);
      if (owner !== undefined)
        throw problem(`brings plugin ${definition.name}, which claims ${claim} as ${owner} does: remove one of them`);
      owners.set(claim, `plugins[${index}].use (plugin ${definition.name})`);
    }
  }
}

/** Each channel is checked by the plugin that brings its type. */
function prepareChannels(loaded: LoadedConfig, plugins: readonly LoadedPlugin[]): Channels {
  const types = new Map<string, z.ZodType>();
  for (const { definition } of plugins) {
    for (const { type, schema } of definition.channels ?? []) types.set(type, schema);
  }
  const names = [...types.keys()] as [string, ...string[]];
  const channels = Object.entries(loaded.config.channels).map(([name, { type, phoneNumber }]) => {
    const schema = types.get(type);
    if (schema === undefined) throw unknownType(loaded, name, type, names);
    const settings = loaded.validate(['channels', name], schema);
    return { name, type, phoneNumber, settings };
  });
  return new Channels(channels);
}

function unknownType(loaded: LoadedConfig, name: string, type: string, known: readonly string[]): Error {
  const brought = known.length === 0 ? 'none of the plugins brings any' : `the plugins bring ${known.join(', ')}`;
  return loaded.problem(['channels', name, 'type'], `is '${type}', and no plugin brings that type: ${brought}`, known);
}

function prepareTls(loaded: LoadedConfig, listener: 'esp' | 'http'): ListenerTls | undefined {
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
    throw loaded.problem(path, `is no usable certificate and key: ${(error as Error).message}`);
  }
  return { certificate, key, ...clientCa, ...(tls.clientNames === undefined ? {} : { clientNames: tls.clientNames }) };
}
