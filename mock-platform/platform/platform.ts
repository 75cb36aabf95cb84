import { resolve } from 'node:path';
import type { Mock } from 'esp-host';
import {
  type LoadedFile,
  loadConfig,
  ModuleCache,
  type Prepared,
  prepareFrom,
  type RootLogger,
  type Server,
  WatchedFiles,
} from 'esp-host/server';
import type { Address, PlatformConfig } from '../configuration/index.js';
import type { TextForm } from '../export/index.js';
import type { Faults } from '../faults/index.js';
import { follow, Reloads, START_MS } from '../hot-reload/index.js';
import type { InteractionServer } from '../interaction-server/index.js';
import { type Expected, type Journal, type Times, type Verification, verify } from '../journal/index.js';
import { ReplayServer } from '../recording/index.js';
import {
  checkTls,
  createInstruments,
  exported,
  exportedTest,
  type Instruments,
  journalledCalls,
  loadApplications,
  type PlatformApplication,
  type RunningPlatform,
  reset,
  runFile,
  startApplications,
  stubsOf,
  upstreamOf,
} from '../runtime/index.js';
import type { DataValues, Run } from '../strategies/index.js';
import type { StubServer, StubSet } from '../stubs/index.js';
import type { Upstream } from '../upstreams/index.js';
import type { HostRelay } from './host-relay.js';
import {
  behindRelay,
  checkConnected,
  endRelay,
  listenProblem,
  startConsole,
  startEsp,
  startHost,
  startReplay,
  startRouting,
  startUpstreams,
} from './start-parts.js';
import { welcome } from './welcome.js';
import { loadWorld, warnOfFormerKeys, worldOf } from './world.js';

/** In place of those in the files; 0 takes any free port. */
export interface PlatformPorts {
  readonly esp?: number | undefined;
  readonly interactionServer?: number | undefined;
  /** Of every upstream. */
  readonly upstreams?: 0 | undefined;
  readonly console?: number | undefined;
  readonly metrics?: number | undefined;
  /** Of `listeners.http` in config.yaml, where it has that. */
  readonly http?: number | undefined;
}

/** Options of a platform. */
export interface PlatformOptions {
  /** Path of config.yaml: the host. */
  readonly config: string;
  /** Path of platform.yaml: the world around it. Without it, that is the application and the plugins' mocks of `config`. */
  readonly platform?: string | undefined;
  /** In place of what `logging` in config.yaml asks for. */
  readonly logger?: RootLogger | undefined;
  readonly ports?: PlatformPorts | undefined;
  /** Path of a recording that answers in the host's place. */
  readonly replay?: string | undefined;
  /**
   * Takes over what changes in config.yaml and in the code of the plugins, without a restart; not with `replay`. Under
   * jest, which has no module hooks, code stays as it was loaded first.
   */
  readonly follow?: boolean | undefined;
}

/** A host with the mock platform around it; all of it listens. */
export interface Platform {
  /** What answers: the host, or a recording. */
  readonly host: Server | ReplayServer;
  /** Where ESP clients reach the host: `listeners.esp` of config.yaml. */
  readonly esp: Address;
  /** The plugins of the host, as config.yaml names them. */
  readonly plugins: readonly string[];
  /** Where the platform follows its files: how that goes. */
  readonly reloads: Reloads | undefined;
  /** The mocks of upstreams, in the order of platform.yaml. */
  readonly upstreams: readonly Upstream[];
  readonly interactionServer: InteractionServer;
  /** The ESP servers that are made from stubs, in the order of platform.yaml. */
  readonly stubServers: readonly StubServer[];
  /** Every ESP exchange of the platform. */
  readonly journal: Journal;
  /** What goes wrong on purpose, before the host and behind it. */
  readonly faults: Faults;
  /** The web console and the admin API. */
  readonly admin: { readonly url: string };
  /** A mock of an upstream. @param M what the mock's `start` gives @throws UnknownUpstreamError */
  upstream<M extends Mock>(name: string): Upstream<M>;
  /** The stubs of an application that is made from stubs. @throws UnknownApplicationError */
  stubs(application: string): StubSet;
  /** Whether there were as many exchanges like this as there should have been. @throws PatternError */
  verify(expected: Expected & Times): Verification;
  /** Runs a strategy through Interaction Server, with `set` in place of its data. @throws ConfigError, UnknownDataError */
  strategy(file: string, set?: DataValues): Promise<Run>;
  /** The text that repeats an exchange of the journal. @throws UnknownEntryError, ExportError */
  exported(id: number, form: TextForm): string;
  /** A jest test that repeats an exchange of the journal, its upstreams made up. @throws UnknownEntryError, ExportError */
  exportedTest(id: number): Promise<string>;
  /** Back to what the files say: journal, charts, stubs, faults, and what the upstreams were told. */
  reset(): void;
  /** What there is and how to try it, for a terminal. */
  welcome(): string;
  /**
   * Interaction Server and the stubs, then the host when what is in flight is answered, then the rest. Again: the same
   * end.
   */
  stop(): Promise<void>;
}

/**
 * Starts everything, and stops what had started where something fails. config.yaml finds the mocks of upstreams by
 * environment variables.
 * @throws ConfigError with file:line:column, ListenError, PluginStartError, RecordingError
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of started.splice(0).reverse()) await close();
  };
  try {
    const { platform, admin } = await start(options, (close) => started.push(close));
    const { host, reloads, upstreams, interactionServer, stubServers, journal, faults } = platform;
    let stopped: Promise<void> | undefined;
    return {
      host,
      get esp() {
        return platform.esp;
      },
      get plugins() {
        return platform.prepared.plugins.map(({ use }) => use);
      },
      reloads,
      upstreams,
      upstream: <M extends Mock>(name: string) => upstreamOf(upstreams, name) as Upstream<M>,
      interactionServer,
      stubServers,
      journal,
      faults,
      admin: { url: admin },
      stubs: (application) => stubsOf(platform, application),
      verify: (expected) => verify(journal, expected),
      strategy: (file, set) => runFile(platform, file, set),
      exported: (id, form) => exported(platform, id, form),
      exportedTest: (id) => exportedTest(platform, id),
      reset: () => reset(platform),
      welcome: () => welcome(platform, admin),
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
async function start(
  options: PlatformOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<{ readonly platform: RunningPlatform; readonly admin: string }> {
  const { ports = {} } = options;
  const around = await (options.platform === undefined ? worldOf(options.config) : loadWorld(options.platform));
  const world = around.file;
  const applications = loadApplications(world);
  let shared: Instruments | undefined;
  const upstreams = await startUpstreams(
    {
      world,
      entries: around.upstreams,
      port: ports.upstreams,
      intercept: (upstream) => (request) => shared?.faults.ofUpstream(upstream, request),
      journal: () => (shared === undefined ? [] : journalledCalls(shared.journal)),
    },
    started,
  );
  const env = environment(upstreams);
  const load = () => loadConfig(options.config, env);
  const { replay } = options;
  const modules = options.follow === true && replay === undefined ? new ModuleCache() : undefined;
  const files = new WatchedFiles();
  files.add([resolve(options.config)]);
  let prepared = await prepareFrom(load, { typescript: true, modules }, files);
  const instruments = createInstruments(prepared, options.logger);
  shared = instruments;
  warnOfFormerKeys(around, instruments.logger);
  const { watch, connections, faults, logger } = instruments;
  const host = await (replay === undefined
    ? startHost(prepared, instruments, ports, modules && START_MS)
    : startReplay(prepared, instruments, replay));
  started(() => host.stop());
  const relay = await startEsp(prepared, instruments, host.address, ports.esp);
  started(() => endRelay(relay, host));
  const { connected, stubServers } = await startApplications(
    applications,
    { ...instruments, world, prepared, host: () => relay.address },
    started,
  );
  started(async () => faults.clear());
  const interactionServer = await startRouting(world, connected, {
    logger: logger.child({ component: 'interaction-server' }),
    observer: {
      ...watch.interactionServer((name) => applications.some((one) => one.name === name && isHere(one))),
      ...connections.interactionServer(),
    },
    ...(ports.interactionServer === undefined ? {} : { port: ports.interactionServer }),
  });
  started(() => interactionServer.close());
  checkConnected(world, relay.address, interactionServer);
  const platform: RunningPlatform = {
    ...instruments,
    ...{ host, upstreams, interactionServer, stubServers, applications, replay },
    world: world.config,
    reloads: modules && new Reloads(),
    get prepared() {
      return prepared;
    },
    get esp() {
      return relay.address;
    },
    get plainEsp() {
      return relay.plain;
    },
  };
  const admin = await startConsole(world, platform, ports.console);
  started(() => admin.close());
  if (modules !== undefined && platform.reloads !== undefined && !(host instanceof ReplayServer)) {
    const switchTo = async (next: Prepared): Promise<void> => {
      await switchHostTo(next, { world, host, relay });
      instruments.use(next);
      prepared = next;
    };
    const end = follow({
      ...{ server: host, load, modules, files, switchTo },
      prepared: () => prepared,
      reloads: platform.reloads,
    });
    started(async () => end());
  }
  return { platform, admin: admin.url };
}

interface Moving {
  readonly world: LoadedFile<PlatformConfig>;
  readonly host: Server;
  readonly relay: HostRelay;
}

/** Host and relay together. @throws ConfigError, ListenError, PluginStartError */
async function switchHostTo(next: Prepared, { world, host, relay }: Moving): Promise<void> {
  checkTls(world, next);
  try {
    await relay.switchTo(next, () => host.reload(behindRelay(next)));
  } catch (error) {
    throw listenProblem(error, next);
  }
}

/** What config.yaml finds in the environment. */
const environment = (upstreams: readonly Upstream[]): NodeJS.ProcessEnv =>
  Object.assign(
    {},
    ...upstreams.map(({ mock }) => mock.defaultEnv),
    process.env,
    ...upstreams.map(({ mock }) => mock.env),
  );

/** Whether a relay of this platform stands before the application. */
const isHere = (application: PlatformApplication): boolean =>
  application.stubs !== undefined || application.address === 'host';
