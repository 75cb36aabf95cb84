import type { JournalledCall } from 'esp-host';
import { ListenError, type LoadedFile, type Prepared, Server } from 'esp-host/server';
import { type AdminApi, startAdminApi } from '../admin/index.js';
import { type Address, addressText, type PlatformConfig } from '../configuration/index.js';
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
import type { UpstreamEntry } from './world.js';

/** The platform of the platform, each with the place in its file that is to change where it cannot start. */

export interface UpstreamsOptions {
  readonly world: LoadedFile<PlatformConfig>;
  readonly entries: readonly UpstreamEntry[];
  /** In place of the ports in the file. */
  readonly port: number | undefined;
  readonly intercept: (upstream: string) => Responder;
  readonly journal: () => readonly JournalledCall[];
}

/** The mocks that plugins bring. `started` takes what stops each. @throws ConfigError */
export async function startUpstreams(
  { world, entries, port: given, intercept, journal }: UpstreamsOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<Upstream[]> {
  const upstreams: Upstream[] = [];
  for (const { name, definition, port: own, path, settings } of entries) {
    const port = given ?? own;
    try {
      const options = { name, port, settings, intercept: intercept(name), journal };
      const upstream = await startUpstream(definition, options);
      started(() => upstream.close());
      upstreams.push(upstream);
    } catch (error) {
      throw portTaken(error, world, [...path, 'port'], port) ?? world.problem(path, because(error));
    }
  }
  return upstreams;
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
