import {
  type Channel,
  Channels,
  type ChannelType,
  type ConfigError,
  type ConfigErrors,
  channelSchema,
  channelWarnings,
  type LoadedParts,
  type Problem,
} from '../config/index.js';
import type { LoadedPlugin } from '../host/index.js';

/** The channels, with settings that work now, but will stop working, or have no effect. */
export interface PreparedChannels {
  readonly channels: Channels;
  readonly warnings: readonly Problem[];
}

/** Each channel is checked by the plugin that brings its type. */
export function prepareChannels(
  loaded: LoadedParts,
  plugins: readonly LoadedPlugin[],
  errors: ConfigErrors,
): PreparedChannels {
  const types = new Map<string, { readonly definition: ChannelType; readonly options: unknown }>();
  for (const { definition: plugin, options } of plugins) {
    for (const definition of plugin.channels ?? []) types.set(definition.type, { definition, options });
  }
  const allUsable = plugins.length === loaded.config.plugins.length;
  const { listeners, state } = loaded.config;
  const host = { receivesWebhooks: listeners.webhooks !== undefined, keepsState: state !== undefined };
  const channels: Channel[] = [];
  const warnings: Problem[] = [];
  for (const [name, { type, phoneNumber }] of Object.entries(loaded.config.channels)) {
    const path = ['channels', name];
    const brought = types.get(type);
    if (brought === undefined) {
      // A plugin that cannot be used may bring the type.
      if (allUsable) errors.add(unknownType(loaded, name, type, [...types.keys()]));
      continue;
    }
    const { definition, options } = brought;
    const given = loaded.given(path);
    const checked = errors.attempt(() => ({ settings: loaded.validate(path, channelSchema(definition, given)) }));
    if (checked === undefined) continue;
    const { settings } = checked;
    const problem: Channel['problem'] = (...mistakes) => loaded.mistakes(path, mistakes);
    channels.push({ name, type, phoneNumber, settings, problem });
    // A channel's warnings may depend on the options, which must be valid then.
    if (errors.any) continue;
    warnings.push(
      ...loaded.mistakes(path, channelWarnings(definition, given, settings, { ...host, options })).problems,
    );
  }
  return { channels: new Channels(channels), warnings };
}

function unknownType(loaded: LoadedParts, name: string, type: string, known: readonly string[]): ConfigError {
  const types = known.join(', ') || 'none';
  return loaded.problem(
    ['channels', name, 'type'],
    `is '${type}', but the channel types of the plugins are: ${types}`,
    known,
  );
}
