import { type MockDefinition, type SampleResponses, z } from 'esp-host';
import { ConfigError, type LoadedFile, loadConfig, loadPlugin, loadYaml, type ModuleCache, parseYaml } from '#server';
import { type PlatformConfig, platformSchema } from '../configuration/index.js';
import { type Strategy, type Sweep, type SweepOptions, sweepStrategy } from '../strategies/index.js';
import { HttpStubSet, loadHttpStubs, stubbedUpstream } from '../stubs/index.js';

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

const EXAMPLE = 'applications: [{ name: Billing Server, type: 23, address: host }]';

const loadPlatformFile = (path: string, env?: NodeJS.ProcessEnv): LoadedFile<PlatformConfig> =>
  loadYaml(path, platformSchema, env, EXAMPLE);

/** Loads platform.yaml and the mocks that it names. @param modules shared with the host @throws ConfigError */
export async function loadWorld(path: string, modules?: ModuleCache): Promise<World> {
  const file = loadPlatformFile(path);
  const entries: UpstreamEntry[] = [];
  for (const [name, entry] of Object.entries(file.config.upstreams)) {
    const keyPath = ['upstreams', name];
    const { port } = entry;
    const definition = await mockOf(file, name, entry, modules);
    const settings = file.validate([...keyPath, 'settings'], definition.settings);
    entries.push({ ...{ name, definition, port, settings }, path: keyPath });
  }
  return { file, upstreams: entries };
}

type UpstreamConfig = PlatformConfig['upstreams'][string];

const mockOf = async (
  file: LoadedFile<PlatformConfig>,
  name: string,
  entry: UpstreamConfig,
  modules?: ModuleCache,
): Promise<MockDefinition> =>
  entry.stubs === undefined
    ? mockOfPlugin(file, ['upstreams', name, 'plugin'], entry.plugin, modules)
    : stubbedUpstream(name, new HttpStubSet(loadHttpStubs(entry.stubs).config), entry.env);

async function mockOfPlugin(
  file: LoadedFile<PlatformConfig>,
  keyPath: readonly string[],
  plugin: string,
  modules: ModuleCache | undefined,
): Promise<MockDefinition> {
  try {
    const { name, mock } = await loadPlugin(plugin, file.directory, true, modules);
    if (mock === undefined) throw file.problem(keyPath, `names plugin ${name}, which has no mock`);
    return (await mock()).default;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw file.problem(keyPath, `cannot be used: ${(error as Error).message}`);
  }
}

/** The part of config.yaml that a world is derived from. */
const hostSchema = z.looseObject({
  application: z.looseObject({ name: z.string(), type: z.int().default(171) }),
  plugins: z.array(z.looseObject({ use: z.string() })).default([]),
  listeners: z
    .looseObject({ esp: z.looseObject({ tls: z.looseObject({ certificate: z.string() }).optional() }).optional() })
    .optional(),
});

/**
 * Derives a world from config.yaml alone: its application, and its plugins' mocks.
 * @param modules shared with the host
 * @throws ConfigError
 */
export async function worldFromConfig(config: string, modules?: ModuleCache): Promise<World> {
  const host = loadHost(config);
  const { application, listeners } = host.config;
  const { name, type } = application;
  const certificate = listeners?.esp?.tls?.certificate;
  const tls = certificate === undefined ? {} : { tls: { ca: certificate } };
  const text = JSON.stringify({ applications: [{ name, type, address: 'host', ...tls }] });
  const file = parseYaml(text, config, platformSchema);
  const mocks = await pluginMocks(host, modules);
  return { file, upstreams: mocks.map(({ use, definition }) => withDefaults(file, use, definition)) };
}

/**
 * The usual responses of methods, by `Service.Method`, for `sweepStrategy`: those that the mocks in platform.yaml name,
 * or without it the mocks of the plugins in config.yaml. Starts nothing. @throws ConfigError
 */
export async function sampleResponses({
  config,
  platform,
}: {
  readonly config?: string | undefined;
  readonly platform?: string | undefined;
}): Promise<Readonly<Record<string, SampleResponses>>> {
  const definitions = await (platform === undefined ? mocksOfPlugins(config) : mocksIn(platform));
  return Object.assign({}, ...definitions.map(({ responses }) => responses));
}

/** All paths through a strategy, with the usual responses of methods. @throws ConfigError, UnknownDataError */
export async function sweepWithSamples(
  strategy: Strategy,
  { set, paths, ...files }: Parameters<typeof sampleResponses>[0] & Pick<SweepOptions, 'set' | 'paths'>,
): Promise<Sweep> {
  return sweepStrategy(strategy, { set, paths, responses: await sampleResponses(files) });
}

async function mocksOfPlugins(config: string | undefined): Promise<MockDefinition[]> {
  const mocks = config === undefined ? [] : await pluginMocks(loadHost(config));
  return mocks.map(({ definition }) => definition);
}

function mocksIn(platform: string): Promise<MockDefinition[]> {
  const file = loadPlatformFile(platform, lenientEnvironment());
  const upstreams = Object.entries(file.config.upstreams).filter(([, { stubs }]) => stubs === undefined);
  return Promise.all(upstreams.map(([name, entry]) => mockOf(file, name, entry)));
}

interface PluginMock {
  readonly use: string;
  readonly definition: MockDefinition;
}

/** The mocks of the plugins in config.yaml. */
async function pluginMocks(
  { config, directory }: LoadedFile<z.output<typeof hostSchema>>,
  modules?: ModuleCache,
): Promise<PluginMock[]> {
  const mocks: PluginMock[] = [];
  for (const { use } of config.plugins) {
    const mock = await loadPlugin(use, directory, true, modules).then(
      (plugin) => plugin.mock?.(),
      // The host reports the error when it loads the plugin.
      () => undefined,
    );
    if (mock !== undefined) mocks.push({ use, definition: mock.default });
  }
  return mocks;
}

/** Unset variables are empty, because the mocks that define them have not started. */
export const lenientEnvironment = (): NodeJS.ProcessEnv =>
  new Proxy(process.env, { get: (target, name: string) => target[name] ?? '' });

function loadHost(config: string): LoadedFile<z.output<typeof hostSchema>> {
  const env = lenientEnvironment();
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
