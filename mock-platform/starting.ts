import { ListenFailed, type LoadedFile, type Prepared, type RootLogger, Server } from 'esp-host/server';
import type { Charset } from 'esp-host/wire';
import { type Address, addressText, type PlatformConfig } from './configuration/index.js';
import type { Faults } from './faults/index.js';
import {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from './interaction-server/index.js';
import type { Journal, JournalWatch } from './journal/index.js';
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
  logger: RootLogger,
  journal: Journal,
  metricsPort: number | undefined,
): Promise<Server> {
  try {
    return await Server.start({
      prepared: { ...prepared, tls: undefined },
      logger,
      listen: { host: '127.0.0.1', port: 0 },
      observer: { upstream: (call) => journal.upstream(call) },
      ...(metricsPort === undefined ? {} : { listenMetrics: { host: '127.0.0.1', port: metricsPort } }),
    });
  } catch (error) {
    if (!(error instanceof ListenFailed)) throw error;
    const { cause, key, address } = error;
    throw portTaken(cause, prepared.loaded, [...key.split('.'), 'port'], address.port, address.host) ?? error;
  }
}

/** In the host's place, and as unseen as the host. */
export function startReplay(
  { application }: Prepared,
  logger: RootLogger,
  file: string,
  charset: Charset,
): Promise<ReplayServer> {
  const listen = { host: '127.0.0.1', port: 0 };
  return ReplayServer.start({ file, listen, charset, type: application.type, logger });
}

interface Front {
  readonly prepared: Prepared;
  readonly logger: RootLogger;
  readonly watch: JournalWatch;
  readonly faults: Faults;
  readonly charset: Charset;
  readonly host: Address;
}

/** The relay, where config.yaml has the host listen. */
export async function startEsp(
  { prepared, logger, watch, faults, host, charset }: Front,
  port: number | undefined,
): Promise<Relay> {
  const { loaded, tls, application } = prepared;
  const { esp } = loaded.config.listeners;
  const listen = { host: esp.host, port: port ?? esp.port };
  const observer = watch.relay(application.name);
  try {
    const interference = faults.before(application.type);
    const relay = await startRelay({ listen, tls, to: () => host, observer, interference, charset, logger });
    logger.info(`ESP clients reach ${application.name} through a relay`, { address: addressText(relay) });
    return relay;
  } catch (error) {
    const path = ['listeners', 'esp', 'port'];
    const failed = error as NodeJS.ErrnoException;
    throw (
      portTaken(failed, loaded, path, listen.port, listen.host) ?? new ListenFailed(failed, listen, 'listeners.esp')
    );
  }
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
