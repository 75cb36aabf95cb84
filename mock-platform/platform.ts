import { createLogger, loadConfig, loadYaml, prepare, type RootLogger, type Server } from 'esp-host/server';
import { charset } from 'esp-host/wire';
import { type Address, platformSchema } from './configuration/index.js';
import { Faults } from './faults/index.js';
import type { InteractionServer } from './interaction-server/index.js';
import { Journal, JournalWatch, TappedLogger } from './journal/index.js';
import { loadApplications, type PlatformApplication, startApplications } from './platform-applications.js';
import type { ReplayServer } from './recording/index.js';
import { checkConnected, endRelay, startEsp, startHost, startReplay, startRouting, startWhatsApp } from './starting.js';
import type { StubServer } from './stubs/index.js';
import { type Parts, welcome } from './welcome.js';
import type { WhatsAppApi } from './whatsapp/index.js';

/** In place of those in the files; 0 takes any free port. */
export interface PlatformPorts {
  readonly esp?: number | undefined;
  readonly interactionServer?: number | undefined;
  readonly whatsapp?: number | undefined;
  readonly metrics?: number | undefined;
}

export interface PlatformOptions {
  /** Path of config.yaml: the host. */
  readonly config: string;
  /** Path of platform.yaml: the world around it. */
  readonly platform: string;
  /** In place of what `logging` in config.yaml asks for. */
  readonly logger?: RootLogger | undefined;
  readonly ports?: PlatformPorts | undefined;
  /** Path of a recording that answers in the host's place. */
  readonly replay?: string | undefined;
}

/** A host with the mock platform around it; all of it listens. */
export interface Platform {
  /** What answers: the host, or a recording. */
  readonly host: Server | ReplayServer;
  /** Where ESP clients reach the host: `listeners.esp` of config.yaml. */
  readonly esp: Address;
  readonly whatsapp: WhatsAppApi;
  readonly interactionServer: InteractionServer;
  /** The ESP servers that are made from stubs, in the order of platform.yaml. */
  readonly stubServers: readonly StubServer[];
  /** Every ESP exchange of the platform. */
  readonly journal: Journal;
  /** What goes wrong on purpose, before the host and behind it. */
  readonly faults: Faults;
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
 * environment variable WHATSAPP_URL. @throws ConfigError with file:line:column, ListenFailed, HostError, RecordingError
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of started.splice(0).reverse()) await close();
  };
  try {
    const parts = await start(options, (close) => started.push(close));
    const { host, esp, whatsapp, interactionServer, stubServers, journal, faults } = parts;
    let stopped: Promise<void> | undefined;
    return {
      host,
      esp,
      whatsapp,
      interactionServer,
      stubServers,
      journal,
      faults,
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
  const prepared = await prepare(loadConfig(options.config, { ...process.env, WHATSAPP_URL: whatsapp.url }), {
    typescript: true,
  });
  const set = charset(prepared.loaded.config.listeners.esp.charset);
  const journal = new Journal({ charset: set });
  const logger = new TappedLogger(options.logger ?? createLogger(prepared.loaded.config.logging), (record) =>
    journal.log(record),
  );
  const watch = new JournalWatch(journal);
  const host =
    options.replay === undefined
      ? await startHost(prepared, logger, journal, ports.metrics)
      : await startReplay(prepared, logger, options.replay, set);
  started(() => host.stop());
  const faults = new Faults({
    charset: set,
    whatsapp,
    struck: (exchange, { id, kind }) => journal.mark(watch.entryOf(exchange) ?? 0, { injectedFault: { id, kind } }),
  });
  const relay = await startEsp({ prepared, logger, watch, faults, charset: set, host: host.address }, ports.esp);
  started(() => endRelay(relay, host));
  const { connected, stubServers } = await startApplications(
    applications,
    {
      world,
      prepared,
      host: relay,
      journal,
      watch,
      faults,
      charset: set,
      logger: logger.child({ component: 'stubs' }),
    },
    started,
  );
  started(async () => faults.clear());
  const interactionServer = await startRouting(world, connected, {
    logger: logger.child({ component: 'interaction-server' }),
    observer: watch.interactionServer((name) => applications.some((one) => one.name === name && isHere(one))),
    ...(ports.interactionServer === undefined ? {} : { port: ports.interactionServer }),
  });
  started(() => interactionServer.close());
  checkConnected(world, relay, interactionServer);
  const esp = { host: relay.host, port: relay.port };
  return {
    host,
    esp,
    whatsapp,
    interactionServer,
    stubServers,
    journal,
    faults,
    prepared,
    world: world.config,
    applications,
    replay: options.replay,
  };
}

/** Whether a relay of this platform stands before the application. */
const isHere = (application: PlatformApplication): boolean =>
  application.stubs !== undefined || application.address === 'host';
