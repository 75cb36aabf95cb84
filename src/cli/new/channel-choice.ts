import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Channel, channelDefinition, pluginWithChannel } from './channel.js';
import type { PluginFolder } from './plugin-folder.js';

/** The channel type of a new method. */
export interface ChannelChoice extends Channel {
  readonly isNew: boolean;
  /** `use` of the plugin that has the type. */
  readonly owner: string | undefined;
}

/** A channel type is new unless a plugin of the configuration has it. */
export async function channelChoice(type: string, config: string, folder: PluginFolder): Promise<ChannelChoice> {
  const definition = channelDefinition(type);
  const owner = await pluginWithChannel(config, type);
  const isOwn = owner === undefined || resolve(dirname(config), owner) === folder.path;
  if (isOwn && folder.hasChannelType(definition)) return { type, owner, isNew: false, definition };
  return owner === undefined ? { type, owner, isNew: true, definition } : { type, owner, isNew: false };
}

/** Adds a new channel type, and a channel of this type to the configuration. @returns the remaining steps for the user */
export function addChannel(
  { type, owner, isNew, definition }: ChannelChoice,
  config: string,
  folder: PluginFolder,
): string[] {
  const file = relative(process.cwd(), config);
  if (definition === undefined) {
    const isConfigured = folder.hasChannel(config, type);
    return [
      `channel type ${type} is that of ${owner}: its methods read call.channel.settings`,
      ...(isConfigured ? [] : [`add a channel of type ${type} to ${file}`]),
    ];
  }
  const { variable, env } = definition;
  const isListed = !isNew || folder.addChannelType(definition);
  const isAdded = folder.addChannel(config, definition);
  return [
    ...(isListed
      ? []
      : [
          `add ${variable} from ./${definition.file}.js to the channels of ${join(relative(process.cwd(), folder.path), 'index.ts')}`,
        ]),
    ...(isAdded ? [`set ${env}, which ${basename(config)} reads the URL of the upstream from`] : []),
    ...(isNew
      ? []
      : [`channel type ${type} exists already in ${definition.file}.ts: give its keys to the channel in the test`]),
  ];
}
