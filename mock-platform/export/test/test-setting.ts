import { dirname, relative, resolve, sep } from 'node:path';
import { type LoadedConfig, methodDefinition, type Prepared, pluginEntry } from 'esp-host/server';
import type { ChannelValues } from 'esp-host/testing';
import { withoutSecrets } from './without-secrets.js';

type LoadedPlugin = Prepared['plugins'][number];

/** The plugin of a method, and what the configuration says to it, without secrets. */
export interface TestSetting {
  readonly definition: LoadedPlugin['definition'];
  /** What a test that lies in `folder` imports the plugin from. */
  readonly specifier: string;
  /** As config.yaml names it; undefined for a package: a test of it may lie anywhere. */
  readonly folder: string | undefined;
  /** `Service.Method` of all of its methods. */
  readonly methods: ReadonlySet<string>;
  /** `application` of config.yaml. */
  readonly application: LoadedConfig['config']['application'];
  /** Undefined where the plugin was given none. */
  readonly options: unknown;
  /** Those of the types that the plugin brings, or that the method is called on. */
  readonly channels: Readonly<Record<string, ChannelValues>>;
  readonly hasSecrets: boolean;
}

/** Undefined where no plugin has the method. */
export function testSetting(prepared: Prepared, service: string, method: string): TestSetting | undefined {
  const name = `${service}.${method}`;
  const index = prepared.plugins.findIndex((plugin) => methodsOf(plugin).has(name));
  const plugin = prepared.plugins[index];
  if (plugin === undefined) return undefined;
  const { loaded, channels, application } = prepared;
  const options = withoutSecrets(loaded.given(['plugins', index, 'options']), plugin.options);
  const types = new Set([...(plugin.definition.channels ?? []).map(({ type }) => type), methodsOf(plugin).get(name)]);
  const needed = channels
    .list()
    .filter(({ type }) => types.has(type))
    .map((channel) => ({
      name: channel.name,
      ...withoutSecrets(loaded.given(['channels', channel.name]), channel.settings),
    }));
  const { name: appName, type, tenant, addressing } = application;
  return {
    definition: plugin.definition,
    ...place(plugin.use, loaded.directory),
    methods: new Set(methodsOf(plugin).keys()),
    application: { name: appName, type, tenant, addressing },
    options: options.value,
    channels: Object.fromEntries(needed.map((channel) => [channel.name, channel.value as ChannelValues])),
    hasSecrets: [options, ...needed].some(({ hasSecrets }) => hasSecrets),
  };
}

/** `Service.Method` -> the type of its channel. */
const methodsOf = ({ definition }: LoadedPlugin): Map<string, string | undefined> =>
  new Map(
    definition.methods
      .map((handler) => methodDefinition(handler))
      .filter((one) => one !== undefined)
      .map(({ service, method, channel }) => [`${service}.${method}`, channel]),
  );

/** Where the plugin's module is, seen from its folder; of one that is installed, from that of config.yaml. */
function place(use: string, directory: string): Pick<TestSetting, 'specifier' | 'folder'> {
  if (!/^(\.|\/|[a-zA-Z]:\\)/.test(use)) return { specifier: use, folder: undefined };
  const entry = pluginEntry(use, directory, true);
  const path = resolve(directory, use);
  if (path.split(sep).includes('node_modules')) return { specifier: specifierOf(directory, entry), folder: '.' };
  if (path === entry) return { specifier: specifierOf(dirname(path), entry), folder: dirname(use) };
  return { specifier: specifierOf(path, entry), folder: use };
}

const specifierOf = (folder: string, entry: string): string =>
  `./${relative(folder, entry)
    .replaceAll(sep, '/')
    .replace(/\.([mc]?)ts$/, '.$1js')}`;
