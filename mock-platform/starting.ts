import { ListenFailed, type LoadedFile, type Prepared, Server } from 'esp-host/server';
import { type AdminApi, startAdminApi } from './admin/index.js';
import { type Address, addressText, type PlatformConfig, reachable } from './configuration/index.js';
import {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
import type { Observation } from './observation.js';
import type { Parts } from './parts.js';
import { ReplayServer } from './recording/index.js';
import { type Relay, startRelay } from './relay/index.js';
import { startWhatsAppApi, type WhatsAppApi } from './whatsapp/index.js';

/** The parts of the platform, each with the place in its file that is to change where it cannot start. */

export async function startWhatsApp(world: LoadedFile<PlatformConfig>, port: number | undefined): Promise<WhatsAppApi> {
  const { whatsapp } = world.config;
  const settings = { ...whatsapp, password: whatsapp.password.reveal(), port: port ?? whatsapp.port };
  try {
    return await startWhatsAppApi(settings);
  } catch (error) {
    throw portTaken(error, world, ['whatsapp', 'port'], settings.port) ?? world.problem(['whatsapp'], because(error));
  }
}

/** On a port of its own, without TLS: its clients reach it through the relay, which has both. */
export async function startHost(
  prepared: Prepared,
  { logger, journal }: Observation,
  { metrics, http }: { readonly metrics?: number | undefined; readonly http?: number | undefined },
): Promise<Server> {
  try {
    return await Server.start({
      prepared: { ...prepared, tls: undefined },
      logger,
      listen: UNSEEN,
      observer: { upstream: (call) => journal.upstream(call) },
      ...(metrics === undefined ? {} : { listenMetrics: { host: '127.0.0.1', port: metrics } }),
      ...(http === undefined ? {} : { listenHttp: { host: '127.0.0.1', port: http } }),
    });
  } catch (error) {
    if (!(error instanceof ListenFailed)) throw error;
    const { cause, key, address } = error;
    throw portTaken(cause, prepared.loaded, [...key.split('.'), 'port'], address.port, address.host) ?? error;
  }
}

/** In the host's place, and as unseen as the host. */
export function startReplay(prepared: Prepared, observation: Observation, file: string): Promise<ReplayServer> {
  const { logger, charset } = observation;
  return ReplayServer.start({ file, listen: UNSEEN, charset, type: prepared.application.type, logger });
}

const UNSEEN: Address = { host: '127.0.0.1', port: 0 };

/** The relay, where config.yaml has the host listen. */
export async function startEsp(
  prepared: Prepared,
  observation: Observation,
  host: Address,
  port: number | undefined,
): Promise<Relay> {
  const { loaded, tls, application } = prepared;
  const { esp } = loaded.config.listeners;
  const listen = { host: esp.host, port: port ?? esp.port };
  try {
    const relay = await relayBefore(host, prepared, observation, listen, tls);
    observation.logger.info(`ESP clients reach ${application.name} through a relay`, { address: addressText(relay) });
    return relay;
  } catch (error) {
    const path = ['listeners', 'esp', 'port'];
    const failed = error as NodeJS.ErrnoException;
    throw (
      portTaken(failed, loaded, path, listen.port, listen.host) ?? new ListenFailed(failed, listen, 'listeners.esp')
    );
  }
}

/** A way to the host without TLS, for the platform's own requests: the relay, where that has none. */
export async function startPlainEsp(
  prepared: Prepared,
  observation: Observation,
  host: Address,
  relay: Relay,
): Promise<Relay> {
  if (prepared.tls !== undefined) return relayBefore(host, prepared, observation, UNSEEN);
  const { port } = relay;
  return { host: reachable(relay.host), port, stopListening: async () => undefined, close: async () => undefined };
}

function relayBefore(
  host: Address,
  { application }: Prepared,
  { logger, watch, connections, faults, charset }: Observation,
  listen: Address,
  tls?: Prepared['tls'],
): Promise<Relay> {
  const observer = { ...watch.relay(application.name), ...connections.relay('host') };
  const interference = faults.before(application.type);
  return startRelay({ listen, tls, to: () => host, observer, interference, charset, logger });
}

/** Nobody new comes in; what is in flight is answered through the relay. */
export async function endRelay(relay: Relay, host: Server | ReplayServer): Promise<void> {
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
  parts: Parts,
  port = world.config.console.port,
): Promise<AdminApi> {
  try {
    return await startAdminApi(parts, port);
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
