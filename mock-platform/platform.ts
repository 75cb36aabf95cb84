import {
  createLogger,
  ListenFailed,
  type LoadedFile,
  loadConfig,
  loadYaml,
  type Prepared,
  prepare,
  type RootLogger,
  Server,
} from 'esp-host/server';
import { type Address, addressText, type PlatformConfig, platformSchema } from './configuration/index.js';
import {
  type ConnectedApplication,
  type InteractionServer,
  startInteractionServer,
} from './interaction-server/index.js';
import { loadApplications, startApplications } from './platform-applications.js';
import type { StubServer } from './stubs/index.js';
import { type Parts, welcome } from './welcome.js';
import { startWhatsAppApi, type WhatsAppApi } from './whatsapp/index.js';

/** In place of those in the files; 0 takes any free port. */
export interface PlatformPorts {
  readonly esp?: number | undefined;
  readonly interactionServer?: number | undefined;
  readonly whatsapp?: number | undefined;
}

export interface PlatformOptions {
  /** Path of config.yaml: the host. */
  readonly config: string;
  /** Path of platform.yaml: the world around it. */
  readonly platform: string;
  /** In place of what `logging` in config.yaml asks for. */
  readonly logger?: RootLogger | undefined;
  readonly ports?: PlatformPorts | undefined;
}

/** A host with the mock platform around it; all of it listens. */
export interface Platform {
  readonly host: Server;
  readonly whatsapp: WhatsAppApi;
  readonly interactionServer: InteractionServer;
  /** The ESP servers that are made from stubs, in the order of platform.yaml. */
  readonly stubServers: readonly StubServer[];
  /** What there is and how to try it, for a terminal. */
  welcome(): string;
  /**
   * Interaction Server and the stubs, then the host when what is in flight is answered, then the rest. Again: the same
   * end.
   */
  stop(): Promise<void>;
}

/**
 * Starts everything, and stops what had started where something fails. config.yaml finds the mock WhatsApp API in the
 * environment variable WHATSAPP_URL, and 0 in CONTACTS_CACHE_SIZE.
 * @throws ConfigError with file:line:column, ListenFailed, HostError
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of started.splice(0).reverse()) await close();
  };
  try {
    const parts = await start(options, (close) => started.push(close));
    const { host, whatsapp, interactionServer, stubServers } = parts;
    let stopped: Promise<void> | undefined;
    return {
      host,
      whatsapp,
      interactionServer,
      stubServers,
      welcome: () => welcome(parts),
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `started` takes what stops each part, as soon as it runs. */
async function start(options: PlatformOptions, started: (stop: () => Promise<void>) => void): Promise<Parts> {
  const { ports = {} } = options;
  const world = loadYaml(options.platform, platformSchema);
  const applications = loadApplications(world);
  const whatsapp = await startWhatsApp(world, ports.whatsapp);
  started(() => whatsapp.close());
  // A cache would hide what somebody changes in the directory; who sets one gets it.
  const env = { CONTACTS_CACHE_SIZE: '0', ...process.env, WHATSAPP_URL: whatsapp.url };
  const prepared = await prepare(loadConfig(options.config, env), { typescript: true });
  const logger = options.logger ?? createLogger(prepared.loaded.config.logging);
  const host = await startHost(prepared, logger, ports.esp);
  started(() => host.stop());
  const settings = { world, prepared, host: host.address, logger: logger.child({ component: 'stubs' }) };
  const { connected, stubServers } = await startApplications(applications, settings, started);
  const interactionServer = await startRouting(world, connected, logger, ports.interactionServer);
  started(() => interactionServer.close());
  checkConnected(world, host.address, interactionServer);
  return { host, whatsapp, interactionServer, stubServers, prepared, world: world.config, applications };
}

async function startWhatsApp(world: LoadedFile<PlatformConfig>, port: number | undefined): Promise<WhatsAppApi> {
  const { whatsapp } = world.config;
  const settings = { ...whatsapp, password: whatsapp.password.reveal(), port: port ?? whatsapp.port };
  try {
    return await startWhatsAppApi(settings);
  } catch (error) {
    throw portTaken(error, world, ['whatsapp', 'port'], settings.port) ?? world.problem(['whatsapp'], because(error));
  }
}

async function startHost(prepared: Prepared, logger: RootLogger, port: number | undefined): Promise<Server> {
  const { loaded } = prepared;
  const { esp } = loaded.config.listeners;
  const listen = { host: esp.host, port: port ?? esp.port };
  try {
    return await Server.start({ prepared, logger, listen });
  } catch (error) {
    if (!(error instanceof ListenFailed)) throw error;
    throw portTaken(error.cause, loaded, ['listeners', 'esp', 'port'], listen.port, listen.host) ?? error;
  }
}

async function startRouting(
  world: LoadedFile<PlatformConfig>,
  applications: readonly ConnectedApplication[],
  logger: RootLogger,
  port: number | undefined,
): Promise<InteractionServer> {
  const settings = { ...world.config.interactionServer, applications };
  if (port !== undefined) settings.port = port;
  const component = logger.child({ component: 'interaction-server' });
  try {
    return await startInteractionServer({ ...settings, logger: component });
  } catch (error) {
    const path = ['interactionServer', 'port'];
    throw portTaken(error, world, path, settings.port) ?? world.problem(path.slice(0, 1), because(error));
  }
}

function checkConnected(world: LoadedFile<PlatformConfig>, host: Address, interactionServer: InteractionServer): void {
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
