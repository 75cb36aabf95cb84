import type { JournalledCall, Logger } from 'esp-host';
import { ListenError, type LoadedFile, type Prepared, Server } from '#server';
import { type AdminApi, startAdminApi } from '../admin/index.js';
import { type Address, addressText, type PlatformConfig, reachable } from '../configuration/index.js';
import {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from '../interaction-server/index.js';
import { ReplayServer } from '../recording/index.js';
import type { Instruments, RunningPlatform } from '../runtime/index.js';
import { type EntryOf, type HostWebhooks, type Responder, startUpstream, type Upstream } from '../upstreams/index.js';
import { FREE_PORT, HostRelay } from './host-relay.js';
import type { UpstreamEntry } from './world.js';

/** Starts the parts of the platform. Errors name the key of the file to change. */

export interface UpstreamsOptions {
  readonly world: LoadedFile<PlatformConfig>;
  readonly entries: readonly UpstreamEntry[];
  /** Overrides the ports in the file. */
  readonly port: number | undefined;
  readonly intercept: (upstream: string) => Responder;
  readonly entryOf: EntryOf;
  readonly journal: () => readonly JournalledCall[];
  readonly host: HostWebhooks;
  readonly logger: Logger;
}

/** Starts the plugins' mocks. Calls `started` with the stop function of each. @throws ConfigError */
export async function startUpstreams(
  { world, entries, port: override, intercept, ...shared }: UpstreamsOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<Upstream[]> {
  const upstreams: Upstream[] = [];
  for (const { name, definition, port: configured, path, settings } of entries) {
    const port = override ?? configured;
    try {
      const options = { ...shared, name, port, settings, intercept: intercept(name) };
      const upstream = await startUpstream(definition, options);
      started(() => upstream.close());
      upstreams.push(upstream);
    } catch (error) {
      throw portTaken(error, world, [...path, 'port'], port) ?? world.problem(path, cannotStart(error));
    }
  }
  return upstreams;
}

interface HostStart {
  readonly ports: { readonly [listener in 'metrics' | 'http' | 'webhooks']?: number | undefined };
  readonly startMs: number | undefined;
  readonly stateInMemory: boolean;
  readonly webhooks: HostWebhooks;
}

/** Starts the host on a free port without TLS. The relay has the configured address and TLS. */
export async function startHost(
  prepared: Prepared,
  { logger, journal, causes }: Instruments,
  { ports: { metrics, http, webhooks }, startMs, stateInMemory, webhooks: observer }: HostStart,
): Promise<Server> {
  try {
    const server = await Server.start({
      prepared: behindRelay(prepared),
      logger,
      listen: FREE_PORT,
      statePlace: stateInMemory ? 'memory' : 'as configured if usable',
      observer: {
        upstream: (call) => journal.upstream(call),
        faulted: ({ referenceId }, client, fault) => journal.faulted(client, referenceId, fault),
        headers: (request, url, client) => causes.headers(request, url, client),
        webhooks: observer,
      },
      ...(metrics === undefined ? {} : { listenMetrics: { host: '127.0.0.1', port: metrics } }),
      ...(http === undefined ? {} : { listenHttp: { host: '127.0.0.1', port: http } }),
      ...(webhooks === undefined ? {} : { listenWebhooks: { host: '127.0.0.1', port: webhooks } }),
      ...(startMs === undefined ? {} : { startMs }),
    });
    observer.use(() => webhooksUrl(server));
    return server;
  } catch (error) {
    throw listenProblem(error, prepared);
  }
}

function webhooksUrl({ webhooksAddress, prepared }: Server): string | undefined {
  if (webhooksAddress === undefined) return undefined;
  const { host, port } = webhooksAddress;
  return `${prepared.webhooksTls === undefined ? 'http' : 'https'}://${addressText({ host: reachable(host), port })}`;
}

/** The configuration of the host itself, without TLS, which the relay terminates. */
export const behindRelay = (prepared: Prepared): Prepared => ({
  ...prepared,
  tls: undefined,
  // They concern production. `check` and `doctor` show them.
  warnings: [],
});

/** Starts a replay in place of the host. */
export function startReplay(prepared: Prepared, instruments: Instruments, file: string): Promise<ReplayServer> {
  const { logger, charset } = instruments;
  return ReplayServer.start({ file, listen: FREE_PORT, charset, type: prepared.application.type, logger });
}

/** Starts the relay at the host's address in config.yaml. */
export async function startHostRelay(
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

/** Refuses new connections, waits for the replies to pending requests, then stops host and relay. */
export async function stopHost(relay: HostRelay, host: Server | ReplayServer): Promise<void> {
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
  const { port, deadlineMs, options: named } = world.config.interactionServer;
  const thirdPartyServer = {
    timeoutMs: named['third-party-server-timeout'],
    windowSize: named['third-party-server-window-size'],
    queueSize: named['third-party-server-queue-size'],
  };
  const settings = { deadlineMs, thirdPartyServer, ...options, port: options.port ?? port, applications };
  try {
    return await startInteractionServer(settings);
  } catch (error) {
    const path = ['interactionServer', 'port'];
    throw portTaken(error, world, path, settings.port) ?? world.problem(path.slice(0, 1), cannotStart(error));
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
    throw portTaken(error, world, ['console', 'port'], port) ?? world.problem(['console'], cannotStart(error));
  }
}

export function checkConnected(
  world: LoadedFile<PlatformConfig>,
  host: Address,
  interactionServer: InteractionServer,
): void {
  for (const [index, { name, address }] of world.config.applications.entries()) {
    if (address === 'host' && !interactionServer.isConnected(name)) {
      const message = `is not connected to the host at ${addressText(host)}; see the log`;
      throw world.problem(['applications', index], message);
    }
  }
}

/** Turns a ListenError for a port in use into a ConfigError. Returns other errors unchanged. */
export function listenProblem(error: unknown, { loaded }: Prepared): unknown {
  if (!(error instanceof ListenError)) return error;
  const { cause, key, address } = error;
  return portTaken(cause, loaded, [...key.split('.'), 'port'], address.port, address.host) ?? error;
}

/** The ConfigError for a port in use; undefined for any other error. */
function portTaken(
  error: unknown,
  file: LoadedFile<unknown>,
  path: readonly string[],
  port: number,
  host = '127.0.0.1',
): Error | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return undefined;
  const where = addressText({ host, port });
  return file.problem(path, `is in use: another program listens on ${where}; stop it, or choose another port`);
}

const cannotStart = (error: unknown): string => `cannot be started: ${error instanceof Error ? error.message : error}`;
