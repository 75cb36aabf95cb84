import { dirname, relative, resolve, sep } from 'node:path';
import type { ChannelValues } from 'esp-host/testing';
import { type LoadedConfig, methodDefinition, type Prepared, pluginEntry } from '#server';
import { withoutSecrets } from './without-secrets.js';

type LoadedPlugin = Prepared['plugins'][number];

/** The plugin of a method and its configuration, without secrets. */
export interface TestSetting {
  readonly definition: LoadedPlugin['definition'];
  /** The import specifier of the plugin, relative to `folder`. */
  readonly specifier: string;
  /** The folder for the test, relative to config.yaml. Undefined for a package, whose test may be in any folder. */
  readonly folder: string | undefined;
  /** `Service.Method` of its methods. */
  readonly methods: ReadonlySet<string>;
  /** `application` in config.yaml. */
  readonly application: LoadedConfig['config']['application'];
  /** Undefined if config.yaml has none. */
  readonly options: unknown;
  /** Channels of the plugin's own types and of the method's channel type. */
  readonly channels: Readonly<Record<string, ChannelValues>>;
  readonly hasSecrets: boolean;
}

/** Finds the plugin of a method. Undefined if no plugin has it. */
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

/** Channel types by `Service.Method`. */
const methodsOf = ({ definition }: LoadedPlugin): Map<string, string | undefined> =>
  new Map(
    definition.methods
      .map((handler) => methodDefinition(handler))
      .filter((one) => one !== undefined)
      .map(({ service, method, channel }) => [`${service}.${method}`, channel]),
  );

/** The plugin's module relative to its folder or, if it is in node_modules, to the folder of config.yaml. */
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
