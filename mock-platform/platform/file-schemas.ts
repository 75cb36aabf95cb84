import { z } from 'esp-host';
import { loadPlugin, loadYaml } from '#server';
import { platformSchema } from '../configuration/index.js';
import { strategySchema } from '../strategies/index.js';
import { httpStubFileSchema, stubFileSchema } from '../stubs/index.js';
import { lenientEnvironment } from './world.js';

/** The schemas of the files of the platform, by kind. */
export const FILE_SCHEMAS: Readonly<Record<'platform' | 'stubs' | 'http-stubs' | 'strategy', z.ZodType>> = {
  platform: platformSchema,
  stubs: stubFileSchema,
  'http-stubs': httpStubFileSchema,
  strategy: strategySchema,
};

/** The part of platform.yaml that names plugins. The rest may be invalid. */
const uses = z.looseObject({
  upstreams: z.record(z.string(), z.looseObject({ plugin: z.string().optional() })).default({}),
});

/** The settings of the mocks that platform.yaml names, by plugin. Starts nothing. @throws ConfigError */
export async function mockSettings(path: string): Promise<Map<string, z.ZodObject>> {
  const loaded = loadYaml(path, uses, lenientEnvironment());
  const settings = new Map<string, z.ZodObject>();
  for (const [name, { plugin }] of Object.entries(loaded.config.upstreams)) {
    if (plugin === undefined || settings.has(plugin)) continue;
    const { mock } = await loadPlugin(plugin, loaded.directory, true).catch((error: Error) => {
      throw loaded.problem(['upstreams', name, 'plugin'], `cannot be used: ${error.message}`);
    });
    if (mock !== undefined) settings.set(plugin, (await mock()).default.settings);
  }
  return settings;
}
