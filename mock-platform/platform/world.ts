import { fileURLToPath } from 'node:url';
import { type Logger, type MockDefinition, z } from 'esp-host';
import { ConfigError, type LoadedFile, loadConfig, loadPlugin, loadYaml, parseYaml } from '#server';
import { FORMER_PLUGIN, FORMER_UPSTREAM, type PlatformConfig, platformSchema } from '../configuration/index.js';

/** The configuration of the platform around the host. */
export interface World {
  readonly file: LoadedFile<PlatformConfig>;
  readonly upstreams: readonly UpstreamEntry[];
}

/** An upstream mock to start. */
export interface UpstreamEntry {
  readonly name: string;
  readonly definition: MockDefinition;
  readonly port: number;
  /** Validated. */
  readonly settings: Record<string, unknown>;
  /** The path of its key in the file. */
  readonly path: readonly string[];
}

/** Loads platform.yaml and the mocks that it names. @throws ConfigError */
export async function loadWorld(path: string): Promise<World> {
  const file = loadYaml(path, platformSchema);
  const { upstreams, [FORMER_UPSTREAM]: former } = file.config;
  const entries: UpstreamEntry[] = [];
  for (const [name, { plugin, port }] of Object.entries(upstreams)) {
    const keyPath = ['upstreams', name];
    const definition = await mockOf(file, [...keyPath, 'plugin'], plugin);
    const settings = file.validate([...keyPath, 'settings'], definition.settings);
    entries.push({ ...{ name, definition, port, settings }, path: keyPath });
  }
  if (former !== undefined) entries.push(await formerUpstream(file, former.port));
  return { file, upstreams: entries };
}

async function mockOf(
  file: LoadedFile<PlatformConfig>,
  keyPath: readonly string[],
  plugin: string,
): Promise<MockDefinition> {
  try {
    const { name, mock } = await loadPlugin(plugin, file.directory, true);
    if (mock === undefined) throw file.problem(keyPath, `names plugin ${name}, which has no mock`);
    return (await mock()).default;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw file.problem(keyPath, `cannot be used: ${(error as Error).message}`);
  }
}

async function formerUpstream(file: LoadedFile<PlatformConfig>, port: number): Promise<UpstreamEntry> {
  const name = FORMER_UPSTREAM;
  if (name in file.config.upstreams) {
    throw file.problem([name], `duplicates upstreams.${name}: remove it`);
  }
  const plugin = fileURLToPath(new URL(FORMER_PLUGIN, import.meta.resolve('esp-host/package.json')));
  const definition = await mockOf(file, [name], plugin);
  const { port: _port, ...settings } = file.validate([name], definition.settings.extend({ port: z.unknown() }));
  return { name, definition, port, settings, path: [name] };
}

/** Warns of deprecated keys in platform.yaml. */
export function warnOfFormerKeys({ file: { file, config } }: World, logger: Logger): void {
  const former = config[FORMER_UPSTREAM];
  if (former === undefined) return;
  const entry = `{ plugin: ${FORMER_PLUGIN}, port: ${former.port}, settings: {...} }`;
  logger.warn(`${file}: the key ${FORMER_UPSTREAM} is deprecated: write upstreams: { ${FORMER_UPSTREAM}: ${entry} }`);
}

/** The part of config.yaml that a world is derived from. */
const hostSchema = z.looseObject({
  application: z.looseObject({ name: z.string(), type: z.int().default(171) }),
  plugins: z.array(z.looseObject({ use: z.string() })).default([]),
  listeners: z
    .looseObject({ esp: z.looseObject({ tls: z.looseObject({ certificate: z.string() }).optional() }).optional() })
    .optional(),
});

/** Derives a world from config.yaml alone: its application, and its plugins' mocks. @throws ConfigError */
export async function worldFromConfig(config: string): Promise<World> {
  const host = loadHost(config);
  const { application, plugins, listeners } = host.config;
  const { name, type } = application;
  const certificate = listeners?.esp?.tls?.certificate;
  const tls = certificate === undefined ? {} : { tls: { ca: certificate } };
  const text = JSON.stringify({ applications: [{ name, type, address: 'host', ...tls }] });
  const file = parseYaml(text, config, platformSchema);
  const upstreams: UpstreamEntry[] = [];
  for (const { use } of plugins) {
    const mock = await loadPlugin(use, host.directory, true).then(
      (plugin) => plugin.mock?.(),
      // The host reports the error when it loads the plugin.
      () => undefined,
    );
    if (mock !== undefined) upstreams.push(withDefaults(file, use, mock.default));
  }
  return { file, upstreams };
}

/** Unset variables are empty, because the mocks that define them have not started yet. */
function loadHost(config: string): LoadedFile<z.output<typeof hostSchema>> {
  const env = new Proxy(process.env, { get: (target, name: string) => target[name] ?? '' });
  try {
    return loadYaml(config, hostSchema, env);
  } catch (error) {
    loadConfig(config, env);
    throw error;
  }
}

function withDefaults(file: LoadedFile<PlatformConfig>, plugin: string, definition: MockDefinition): UpstreamEntry {
  const { name } = definition;
  const { data: settings, error } = definition.settings.safeParse({});
  if (error === undefined) return { ...{ name, definition, settings }, port: 0, path: [] };
  const missing = error.issues.map(({ path }) => path.join('.')).join(', ');
  const entry = `upstreams: { ${name}: { plugin: ${plugin}, settings: {...} } }`;
  throw file.problem([], `needs a platform.yaml with ${entry}: its mock has no defaults for ${missing}`);
}
