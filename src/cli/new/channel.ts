import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { loadPlugin } from '../../plugin-loading/index.js';
import { pluginsIn } from './config-file.js';
import { camel, kebab } from './names.js';

/** The channel type of a method. */
export interface Channel {
  readonly type: string;
  /** Its definition, if the method can import it. */
  readonly definition?: ChannelDefinition | undefined;
}

/** The definition of a channel type in the plugin of its methods. */
export interface ChannelDefinition {
  readonly type: string;
  /** `crmChannel` */
  readonly variable: string;
  /** Without its extension: `crm-channel`. */
  readonly file: string;
  /** The environment variable with the URL of its upstream: `CRM_URL`. */
  readonly env: string;
}

export function channelDefinition(type: string): ChannelDefinition {
  const name = (kebab(type) || 'own').replace(/^(?![a-z])/, 'type-');
  return {
    type,
    variable: `${camel(name)}Channel`,
    file: `${name}-channel`,
    env: `${name.replaceAll('-', '_').toUpperCase()}_URL`,
  };
}

/** The `use` of the plugin with this channel type, among those of a configuration that can be loaded. */
export async function pluginWithChannel(config: string, type: string): Promise<string | undefined> {
  for (const use of existsSync(config) ? pluginsIn(basename(config), readFileSync(config, 'utf8')) : []) {
    const plugin = await loadPlugin(use, dirname(config), true).catch(() => undefined);
    if (plugin?.channels?.some((channel) => channel.type === type)) return use;
  }
  return undefined;
}

/** The file of a channel type. */
export const channelSource = ({ type, variable }: ChannelDefinition): string =>
  `import { defineChannel, z } from 'esp-host';

/** A channel of type ${type} in config.yaml. Add the keys that its methods need. */
export const ${variable} = defineChannel(
  z.strictObject({
    type: z.literal('${type}'),
    url: z.url(),
  }),
);
`;

/** mock.ts of a plugin: it answers for the upstream of its channels. */
export const mockSource = (plugin: string, { type, env }: ChannelDefinition): string =>
  `import { defineMock, z } from 'esp-host';

/** The upstream of channels of type ${type}, on the mock platform. */
export default defineMock({
  name: '${plugin}',
  settings: z.strictObject({}),
  async start(context) {
    const url = await context.serve({
      respond: () => ({ status: 200, body: {} }),
      error: (status, details) => ({ status, body: { error: details } }),
    });
    return { env: { ${env}: url }, configure: () => undefined, reset: () => undefined };
  },
});
`;
