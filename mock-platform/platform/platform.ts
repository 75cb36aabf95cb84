import { resolve } from 'node:path';
import type { Logger, Mock, MockCall, MockRequest } from 'esp-host';
import {
  type LoadedFile,
  loadConfig,
  ModuleCache,
  type Prepared,
  prepareFrom,
  type RootLogger,
  type Server,
  WatchedFiles,
} from '#server';
import type { Address, PlatformConfig } from '../configuration/index.js';
import { UnknownVariantError } from '../errors.js';
import type { TextForm } from '../export/index.js';
import type { Faults } from '../faults/index.js';
import { follow, Reloads, START_MS } from '../hot-reload/index.js';
import type { InteractionServer } from '../interaction-server/index.js';
import { type Expected, type Journal, type Verification, verify } from '../journal/index.js';
import type { Times } from '../matching.js';
import { ReplayServer } from '../recording/index.js';
import {
  checkTls,
  createInstruments,
  exported,
  exportedTest,
  httpStubsIn,
  httpStubsOf,
  type Instruments,
  journalledCalls,
  loadApplications,
  type PlatformApplication,
  type RunningPlatform,
  reset,
  runFile,
  StubFiles,
  startApplications,
  stubbedIn,
  stubsFromJournal,
  stubsOf,
  upstreamOf,
} from '../runtime/index.js';
import { type CaseResult, type DataValues, loadStrategy, type Run } from '../strategies/index.js';
import type { HttpStubSet, StubServer, StubSet } from '../stubs/index.js';
import { HostWebhooks, type Upstream } from '../upstreams/index.js';
import { besideOthers, runCaseOn, runVariantOn } from './case-run.js';
import type { HostRelay } from './host-relay.js';
import {
  behindRelay,
  checkConnected,
  listenProblem,
  startConsole,
  startHost,
  startHostRelay,
  startReplay,
  startRouting,
  startUpstreams,
  stopHost,
} from './start-parts.js';
import { welcome } from './welcome.js';
import { loadWorld, sweepWithSamples, worldFromConfig } from './world.js';

/** Overrides the ports in the files; 0 selects any free port. */
export interface PlatformPorts {
  /** @default `listeners.esp.port` of config.yaml */
  readonly esp?: number | undefined;
  /** @default `interactionServer.port` of platform.yaml */
  readonly interactionServer?: number | undefined;
  /** For every upstream. @default the ports of platform.yaml */
  readonly upstreams?: 0 | undefined;
  /** @default `console.port` of platform.yaml */
  readonly console?: number | undefined;
  /** @default `listeners.metrics.port` of config.yaml */
  readonly metrics?: number | undefined;
  /** For `listeners.http` of config.yaml, if it has one. @default its port */
  readonly http?: number | undefined;
  /** For `listeners.webhooks` of config.yaml, if it has one. @default its port */
  readonly webhooks?: number | undefined;
}

/** Options of {@link startPlatform}. */
export interface PlatformOptions {
  /** Path of config.yaml, the configuration of the host. */
  readonly config: string;
  /** Path of platform.yaml. @default the application and the plugins' mocks of `config` */
  readonly platform?: string | undefined;
  /** Overrides `logging` of config.yaml. @internal */
  readonly logger?: RootLogger | undefined;
  /** @default those in the files */
  readonly ports?: PlatformPorts | undefined;
  /**
   * Keeps the state in memory, and leaves `state.file` of config.yaml alone. Otherwise it is kept in memory, with a warning,
   * only if another host has the file. @default false
   */
  readonly stateInMemory?: boolean | undefined;
  /** Path of a recording to replay instead of running the host. @default none */
  readonly replay?: string | undefined;
  /**
   * Reloads config.yaml and the code of the plugins when they change, unless `replay` is set. Under jest, which has no
   * module hooks, code is not reloaded. @default false
   */
  readonly follow?: boolean | undefined;
}

/** A running host with the mock platform around it. */
export interface Platform {
  /** The address for ESP clients of the host: `listeners.esp` of config.yaml. */
  readonly esp: Address;
  /** The plugins of the host: each `use` of config.yaml. @internal */
  readonly plugins: readonly string[];
  /** The outcomes of reloads; undefined without `follow`. @internal */
  readonly reloads: Reloads | undefined;
  /** The upstream mocks, in the order of platform.yaml. */
  readonly upstreams: readonly Upstream[];
  readonly interactionServer: InteractionServer;
  /** The stubbed ESP servers, in the order of platform.yaml. */
  readonly stubServers: readonly StubServer[];
  /** Every ESP exchange of the platform. */
  readonly journal: Journal;
  /** Faults to inject into ESP requests and upstream calls. */
  readonly faults: Faults;
  /** The web console and the admin API. */
  readonly admin: { readonly url: string };
  /** Finds an upstream mock. @typeParam M what the mock's `start` returns @throws UnknownUpstreamError */
  upstream<M extends Mock>(name: string): Upstream<M>;
  /** The stubs of a stubbed application. @throws UnknownApplicationError */
  stubs(application: string): StubSet;
  /** The HTTP stubs of a stubbed upstream. @throws UnknownUpstreamError */
  httpStubs(upstream: string): HttpStubSet;
  /** Checks how many exchanges match. @throws PatternError */
  verify(expected: Expected & Times): Verification;
  /** Runs a strategy through Interaction Server. `set` overrides its data. @throws ConfigError, UnknownDataError */
  strategy(file: string, set?: DataValues): Promise<Run>;
  /** Exports a journal entry as a text that repeats it. @throws UnknownEntryError, ExportError */
  exported(id: number, form: TextForm): string;
  /**
   * Exports the calls to an upstream in the journal as a file of HTTP stubs. `upstream` is a name in platform.yaml, or an
   * origin such as `https://api.example.com`. @throws UnknownUpstreamError, ExportError
   */
  stubsFromJournal(upstream: string): string;
  /** Exports a journal entry as a jest test with fake upstreams. @throws UnknownEntryError, ExportError */
  exportedTest(id: number): Promise<string>;
  /** Clears the journal, charts and faults, and restores stubs and upstreams to what the files define. */
  reset(): void;
  /** A summary for the terminal: what runs where, and how to try it. */
  welcome(): string;
  /**
   * Stops Interaction Server and the stubs, then the host once its pending requests are answered, then the rest.
   * Further calls return the same promise.
   */
  stop(): Promise<void>;
}

/**
 * Starts the platform. If a part fails to start, stops the others. config.yaml gets the URLs of the upstream mocks from
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
    const { reloads, upstreams, interactionServer, stubServers, journal, faults } = platform;
    let stopped: Promise<void> | undefined;
    return {
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
      httpStubs: (name) => httpStubsOf(upstreams, name),
      verify: (expected) => verify(journal, expected),
      strategy: (file, set) => runFile(platform, file, set),
      exported: (id, form) => exported(platform, id, form),
      stubsFromJournal: (name) => stubsFromJournal(platform, name),
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

/** Calls `started` with the stop function of each part. */
async function start(
  options: PlatformOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<{ readonly platform: RunningPlatform; readonly admin: string }> {
  const { ports = {}, replay } = options;
  const modules = options.follow === true && replay === undefined ? new ModuleCache() : undefined;
  const loadedWorld = await (options.platform === undefined
    ? worldFromConfig(options.config, modules)
    : loadWorld(options.platform, modules));
  const world = loadedWorld.file;
  const applications = loadApplications(world);
  let shared: Instruments | undefined;
  const webhooks = new HostWebhooks();
  const upstreams: readonly Upstream[] = await startUpstreams(
    {
      world,
      entries: loadedWorld.upstreams,
      port: ports.upstreams,
      intercept: (upstream) => (request) => {
        if (shared !== undefined) noteNotice(upstreams, upstream, request, shared);
        return shared?.faults.ofUpstream(upstream, request);
      },
      entryOf: (call) => shared && entryOfCall(call, shared),
      journal: () => (shared === undefined ? [] : journalledCalls(shared.journal)),
      host: webhooks,
      logger: loggerOnceThere(() => shared?.logger),
    },
    started,
  );
  const env = environment(upstreams);
  const load = () => loadConfig(options.config, env);
  const files = new WatchedFiles();
  files.add([resolve(options.config)]);
  let prepared = await prepareFrom(load, { typescript: true, modules }, files);
  const instruments = createInstruments(prepared, upstreams, world.config.journal, options.logger);
  shared = instruments;
  const { watch, connections, faults, logger } = instruments;
  followStubs(upstreams, instruments);
  const host = await (replay === undefined
    ? startHost(prepared, instruments, {
        ...{ ports, webhooks, stateInMemory: options.stateInMemory ?? false },
        startMs: modules && START_MS,
      })
    : startReplay(prepared, instruments, replay));
  started(() => host.stop());
  if (!(host instanceof ReplayServer)) await announce(host, upstreams);
  const relay = await startHostRelay(prepared, instruments, host.address, ports.esp);
  started(() => stopHost(relay, host));
  const { connected, stubServers } = await startApplications(
    applications,
    { ...instruments, world, prepared, host: () => relay.address },
    started,
  );
  started(async () => faults.clear());
  const interactionServer = await startRouting(world, connected, {
    logger: logger.child({ component: 'interaction-server' }),
    observer: {
      ...watch.interactionServer((name) =>
        applications.some((application) => application.name === name && isInProcess(application)),
      ),
      ...connections.interactionServer(),
    },
    ...(ports.interactionServer === undefined ? {} : { port: ports.interactionServer }),
  });
  started(() => interactionServer.close());
  checkConnected(world, relay.address, interactionServer);
  const stubFiles = new StubFiles(stubbedIn(world, applications, upstreams), logger.child({ component: 'stubs' }));
  stubFiles.watch();
  started(async () => stubFiles.close());
  const platform: RunningPlatform = {
    ...instruments,
    ...{ host, upstreams, interactionServer, stubServers, stubFiles, applications, replay },
    world: world.config,
    reloads: modules && new Reloads(),
    testStrategy: (file) => testStrategy(file, options),
    runVariant: (file, set, { upstream, title }) => {
      const settings = variantOf(upstreamOf(upstreams, upstream), title);
      return runVariantOn(besides(options), loadStrategy(file), set, { name: upstream, settings });
    },
    sweepStrategy: (file, set) => sweepWithSamples(loadStrategy(file), { ...options, set, paths: SWEPT_PATHS }),
    panels: async () => (host instanceof ReplayServer ? [] : host.panels()),
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
    const stopFollowing = follow({
      ...{ server: host, load, modules, files, switchTo },
      prepared: () => prepared,
      reloads: platform.reloads,
    });
    started(async () => stopFollowing());
  }
  return { platform, admin: admin.url };
}

/** Runs the cases of a strategy, each against a platform of its own. @throws ConfigError, like startPlatform */
async function testStrategy(file: string, { config, platform }: PlatformOptions): Promise<readonly CaseResult[]> {
  const strategy = loadStrategy(file);
  const start = besides({ config, platform });
  const results: CaseResult[] = [];
  for (const test of strategy.tests) results.push(await runCaseOn(start, strategy, test));
  return results;
}

/** Starts another platform from the same files. */
const besides =
  ({ config, platform }: Pick<PlatformOptions, 'config' | 'platform'>) =>
  (): Promise<Platform> =>
    startPlatform(besideOthers({ config, platform }));

/** The console shows no more paths of a strategy. */
const SWEPT_PATHS = 1000;

/** @throws UnknownVariantError */
function variantOf({ name, definition: { variants = [] } }: Upstream, title: string): Record<string, unknown> {
  const found = variants.find((variant) => variant.title === title);
  if (found !== undefined) return found.settings;
  throw new UnknownVariantError(
    name,
    title,
    variants.map((variant) => variant.title),
  );
}

interface SwitchTargets {
  readonly world: LoadedFile<PlatformConfig>;
  readonly host: Server;
  readonly relay: HostRelay;
}

/** Switches host and relay together. @throws ConfigError, ListenError, PluginStartError */
async function switchHostTo(next: Prepared, { world, host, relay }: SwitchTargets): Promise<void> {
  checkTls(world, next);
  try {
    await relay.switchTo(next, () => host.reload(behindRelay(next)));
  } catch (error) {
    throw listenProblem(error, next);
  }
}

/** Tells the mocks that the host runs, and waits until they are ready for its first request. */
async function announce({ webhooksAddress }: Server, upstreams: readonly Upstream[]): Promise<void> {
  const host = { receivesWebhooks: webhooksAddress !== undefined };
  await Promise.all(upstreams.map((upstream) => upstream.hostStarted(host)));
}

/** Journals which stub of an upstream answers a call. Logs the requests that none matches. */
function followStubs(upstreams: readonly Upstream[], { logger, journal, causes }: Instruments): void {
  const stubsLogger = logger.child({ component: 'stubs' });
  for (const upstream of upstreams) {
    httpStubsIn(upstream)?.subscribe(({ method, path, stub, unmatched }, call) => {
      const cause = causes.of(call);
      const marks = { ...(stub === undefined ? {} : { stub }), ...(unmatched && { explanation: unmatched }) };
      if (cause !== undefined) journal.markCall(cause.client, cause.request.referenceId, call, marks);
      if (unmatched !== undefined)
        stubsLogger.warn(unmatched, { upstream: upstream.name, request: `${method} ${path}` });
    });
  }
}

/** The journal entry of the request that caused a call to an upstream. */
function entryOfCall(call: MockRequest, { journal, causes }: Instruments): MockCall['entry'] {
  const cause = causes.of(call);
  const id = cause && journal.idOf(cause.client, cause.request.referenceId);
  return id === undefined ? undefined : { id, referenceId: cause?.request.referenceId ?? null };
}

/** Journals what makes a mock answer a call unusually. */
function noteNotice(
  upstreams: readonly Upstream[],
  name: string,
  call: MockRequest,
  { journal, causes }: Instruments,
): void {
  const found = upstreams.find((upstream) => upstream.name === name)?.notices() ?? [];
  const notice = found.find((one) => one.concerns?.(call) === true);
  const cause = notice && causes.of(call);
  if (notice === undefined || cause === undefined) return;
  const text = `${name} ${notice.title}: ${notice.effect}`;
  journal.markCall(cause.client, cause.request.referenceId, call, { notice: text });
}

/** The logger of the platform, for what starts before it. */
function loggerOnceThere(logger: () => Logger | undefined): Logger {
  return {
    error: (message, fields) => logger()?.error(message, fields),
    warn: (message, fields) => logger()?.warn(message, fields),
    info: (message, fields) => logger()?.info(message, fields),
    debug: (message, fields) => logger()?.debug(message, fields),
  };
}

/** The environment for config.yaml. */
const environment = (upstreams: readonly Upstream[]): NodeJS.ProcessEnv =>
  Object.assign(
    {},
    ...upstreams.map(({ mock }) => mock.defaultEnv),
    process.env,
    ...upstreams.map(({ mock }) => mock.env),
  );

/** Whether the application runs in this process, behind a relay. */
const isInProcess = (application: PlatformApplication): boolean =>
  application.stubs !== undefined || application.address === 'host';
