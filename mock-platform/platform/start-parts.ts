import { fileURLToPath } from 'node:url';
import { type JournalledCall, type Logger, type MockDefinition, z } from 'esp-host';
import { ConfigError, ListenError, type LoadedFile, loadPlugin, type Prepared, Server } from 'esp-host/server';
import { type AdminApi, startAdminApi } from '../admin/index.js';
import {
  type Address,
  addressText,
  FORMER_PLUGIN,
  FORMER_UPSTREAM,
  type PlatformConfig,
} from '../configuration/index.js';
import {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from '../interaction-server/index.js';
import { ReplayServer } from '../recording/index.js';
import type { Instruments, RunningPlatform } from '../runtime/index.js';
import { type Responder, startUpstream, type Upstream } from '../upstreams/index.js';
import { HostRelay, UNSEEN } from './host-relay.js';

/** The platform of the platform, each with the place in its file that is to change where it cannot start. */

export interface UpstreamsOptions {
  readonly world: LoadedFile<PlatformConfig>;
  /** In place of the ports in the file. */
  readonly port: number | undefined;
  readonly intercept: (upstream: string) => Responder;
  readonly journal: () => readonly JournalledCall[];
}

/** The mocks that plugins bring. `started` takes what stops each. @throws ConfigError */
export async function startUpstreams(
  { world, port: given, intercept, journal }: UpstreamsOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<Upstream[]> {
  const upstreams: Upstream[] = [];
  for (const { name, plugin, port: own, path, settings } of upstreamEntries(world)) {
    const definition = await mockOf(world, path, plugin);
    const port = given ?? own;
    const checked = settings(definition);
    try {
      const options = { name, port, settings: checked, intercept: intercept(name), journal };
      const upstream = await startUpstream(definition, options);
      started(() => upstream.close());
      upstreams.push(upstream);
    } catch (error) {
      throw portTaken(error, world, [...path, 'port'], port) ?? world.problem(path, because(error));
    }
  }
  return upstreams;
}

/** What platform.yaml says in a form that is going away. */
export function warnOfFormerKeys({ file, config }: LoadedFile<PlatformConfig>, logger: Logger): void {
  if (config[FORMER_UPSTREAM] === undefined) return;
  const now = `upstreams: { ${FORMER_UPSTREAM}: { plugin: ${FORMER_PLUGIN}, port: ${config[FORMER_UPSTREAM].port}, settings: {...} } }`;
  logger.warn(`${file}: the key ${FORMER_UPSTREAM} is deprecated: write ${now}`);
}

interface UpstreamEntry {
  readonly name: string;
  readonly plugin: string;
  readonly port: number;
  /** Of the entry, in platform.yaml. */
  readonly path: readonly string[];
  /** Checks the settings. @throws ConfigError */
  readonly settings: (definition: MockDefinition) => Record<string, unknown>;
}

function upstreamEntries(world: LoadedFile<PlatformConfig>): UpstreamEntry[] {
  const { upstreams, [FORMER_UPSTREAM]: former } = world.config;
  const entries = Object.entries(upstreams).map(([name, { plugin, port }]): UpstreamEntry => {
    const path = ['upstreams', name];
    return {
      ...{ name, plugin, port, path },
      settings: (definition) => world.validate([...path, 'settings'], definition.settings),
    };
  });
  if (former === undefined) return entries;
  if (FORMER_UPSTREAM in upstreams) {
    throw world.problem([FORMER_UPSTREAM], `is there twice: remove it, and keep upstreams.${FORMER_UPSTREAM}`);
  }
  const name = FORMER_UPSTREAM;
  const plugin = fileURLToPath(new URL(FORMER_PLUGIN, import.meta.resolve('esp-host/package.json')));
  const settings = (definition: MockDefinition) => {
    const { port: _port, ...rest } = world.validate([name], definition.settings.extend({ port: z.unknown() }));
    return rest;
  };
  return [...entries, { name, plugin, port: former.port, path: [name], settings }];
}

async function mockOf(
  world: LoadedFile<PlatformConfig>,
  path: readonly string[],
  plugin: string,
): Promise<MockDefinition> {
  const where = world.given([...path, 'plugin']) === undefined ? path : [...path, 'plugin'];
  try {
    const { name, mock } = await loadPlugin(plugin, world.directory, true);
    if (mock === undefined) throw world.problem(where, `names plugin ${name}, which brings no mock`);
    return (await mock()).default;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw world.problem(where, `cannot be used: ${(error as Error).message}`);
  }
}

/** On a port of its own, without TLS: its clients reach it through the relay, which has both. */
export async function startHost(
  prepared: Prepared,
  { logger, journal }: Instruments,
  { metrics, http }: { readonly metrics?: number | undefined; readonly http?: number | undefined },
  startMs: number | undefined,
): Promise<Server> {
  try {
    return await Server.start({
      prepared: behindRelay(prepared),
      logger,
      listen: UNSEEN,
      observer: { upstream: (call) => journal.upstream(call) },
      ...(metrics === undefined ? {} : { listenMetrics: { host: '127.0.0.1', port: metrics } }),
      ...(http === undefined ? {} : { listenHttp: { host: '127.0.0.1', port: http } }),
      ...(startMs === undefined ? {} : { startMs }),
    });
  } catch (error) {
    throw listenProblem(error, prepared);
  }
}

/** What the host itself serves: TLS is the relay's. */
export const behindRelay = (prepared: Prepared): Prepared => ({ ...prepared, tls: undefined });

/** In the host's place, and as unseen as the host. */
export function startReplay(prepared: Prepared, instruments: Instruments, file: string): Promise<ReplayServer> {
  const { logger, charset } = instruments;
  return ReplayServer.start({ file, listen: UNSEEN, charset, type: prepared.application.type, logger });
}

/** The relay, where config.yaml has the host listen. */
export async function startEsp(
  prepared: Prepared,
  instruments: Instruments,
  host: Address,
  port: number | undefined,
): Promise<HostRelay> {
  try {
    const relay = await HostRelay.start(prepared, instruments, host, port);
    const address = addressText(relay.address);
    instruments.logger.info(`ESP clients reach ${prepared.application.name} through a relay`, { address });
    return relay;
  } catch (error) {
    throw listenProblem(error, prepared);
  }
}

/** Nobody new comes in; what is in flight is answered through the relay. */
export async function endRelay(relay: HostRelay, host: Server | ReplayServer): Promise<void> {
  const closed = relay.stopListening();
  await host.stop();
  await relay.close();
  await closed;
}

type RoutingOptions = Omit<InteractionServerOptions, 'applications'>;

export async function startRouting(
  world: LoadedFile<PlatformConfig>,
  applications: readonly ConnectedApplication[],
  options: RoutingOptions,
): Promise<InteractionServer> {
  const { port, deadlineMs } = world.config.interactionServer;
  const settings = { deadlineMs, ...options, port: options.port ?? port, applications };
  try {
    return await startInteractionServer(settings);
  } catch (error) {
    const path = ['interactionServer', 'port'];
    throw portTaken(error, world, path, settings.port) ?? world.problem(path.slice(0, 1), because(error));
  }
}

export async function startConsole(
  world: LoadedFile<PlatformConfig>,
  platform: RunningPlatform,
  port = world.config.console.port,
): Promise<AdminApi> {
  try {
    return await startAdminApi(platform, port);
  } catch (error) {
    throw portTaken(error, world, ['console', 'port'], port) ?? world.problem(['console'], because(error));
  }
}

export function checkConnected(
  world: LoadedFile<PlatformConfig>,
  host: Address,
  interactionServer: InteractionServer,
): void {
  for (const [index, { name, address }] of world.config.applications.entries()) {
    if (address === 'host' && !interactionServer.isConnected(name)) {
      const message = `is not connected with the host at ${addressText(host)} (why: in the log)`;
      throw world.problem(['applications', index], message);
    }
  }
}

/** The error at the key to change, where it is that of a port that another program has; else the same error. */
export function listenProblem(error: unknown, { loaded }: Prepared): unknown {
  if (!(error instanceof ListenError)) return error;
  const { cause, key, address } = error;
  return portTaken(cause, loaded, [...key.split('.'), 'port'], address.port, address.host) ?? error;
}

/** The error for a port that another program has, at the key to change; undefined for any other error. */
function portTaken(
  error: unknown,
  file: LoadedFile<unknown>,
  path: readonly string[],
  port: number,
  host = '127.0.0.1',
): Error | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return undefined;
  const where = addressText({ host, port });
  return file.problem(path, `is taken: another program listens on ${where}; stop it, or write another port here`);
}

const because = (error: unknown): string => `cannot be started: ${error instanceof Error ? error.message : error}`;
