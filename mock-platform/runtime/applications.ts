import type { LoadedFile, Prepared } from '#server';
import {
  type Address,
  type AddressedEntry,
  type PlatformConfig,
  reachable,
  type StubbedEntry,
} from '../configuration/index.js';
import type { ConnectedApplication } from '../interaction-server/index.js';
import { type Relay, startRelay } from '../relay/index.js';
import { loadStubs, type StubServer, StubSet, startStubs } from '../stubs/index.js';
import type { Instruments } from './instruments.js';

type World = LoadedFile<PlatformConfig>;

/** A stubbed application of platform.yaml. */
interface StubbedApplication {
  readonly name: string;
  readonly type: number;
  readonly typeName: string | undefined;
  /** The path of the stub file. */
  readonly file: string;
  readonly stubs: StubSet;
}

export type PlatformApplication = AddressedEntry | StubbedApplication;

/** Loads the applications of platform.yaml, and their stubs. @throws ConfigError */
export function loadApplications(world: World): PlatformApplication[] {
  const names = new Set<string>();
  return world.config.applications.map((entry, index) => {
    const application = entry.stubs === undefined ? entry : loadStubbed(world, index, entry);
    const { name } = application;
    if (names.has(name)) {
      const path = ['applications', index, entry.name === undefined ? 'stubs' : 'name'];
      throw world.problem(path, `is ${name}, but another application has this name too`);
    }
    names.add(name);
    return application;
  });
}

/** Name and type come from platform.yaml, or else from the stub file. */
function loadStubbed(world: World, index: number, entry: StubbedEntry): StubbedApplication {
  const { config } = loadStubs(entry.stubs);
  const { name = config.application?.name, type = config.application?.type, typeName } = entry;
  if (name === undefined || type === undefined) {
    const message = `must have name and type, because ${entry.stubs} has no application: { name, type }`;
    throw world.problem(['applications', index], message);
  }
  return { name, type, typeName, file: entry.stubs, stubs: new StubSet(config, { name, type }) };
}

export interface ApplicationsOptions extends Instruments {
  readonly world: World;
  readonly prepared: Prepared;
  /** The current address of the host in this process. */
  readonly host: () => Address;
}

export interface StartedApplications {
  readonly connected: readonly ConnectedApplication[];
  readonly stubServers: readonly StubServer[];
}

/**
 * Starts a server for each stubbed application, and determines the addresses that Interaction Server connects to. Calls
 * `started` with the stop function of each server.
 */
export async function startApplications(
  applications: readonly PlatformApplication[],
  options: ApplicationsOptions,
  started: (stop: () => Promise<void>) => void,
): Promise<StartedApplications> {
  const logger = options.logger.child({ component: 'stubs' });
  const connected: ConnectedApplication[] = [];
  const stubServers: StubServer[] = [];
  checkTls(options.world, options.prepared);
  for (const application of applications) {
    if (application.stubs === undefined) {
      connected.push(addressed(application, options));
    } else {
      const { name, type, typeName, stubs } = application;
      const server = await startStubs({ stubs, logger, answered: options.watch.stub, charset: options.charset });
      started(() => server.close());
      const relay = await relayBefore(server, options);
      started(() => relay.close());
      stubServers.push({ ...server, port: relay.port });
      connected.push({ name, type, typeName, address: { host: relay.host, port: relay.port } });
    }
  }
  return { connected, stubServers };
}

/** Puts a relay before a stub server, so that the journal and faults see its traffic like that of the host. */
const relayBefore = (
  server: StubServer,
  { watch, connections, faults, charset, logger }: ApplicationsOptions,
): Promise<Relay> =>
  startRelay({
    listen: { host: server.host, port: 0 },
    to: () => server,
    observer: { ...watch.relay(nameOf(server)), ...connections.relay(nameOf(server)) },
    interference: faults.before(server.stubs.application.type),
    charset,
    logger,
  });

const nameOf = ({ stubs }: StubServer): string => stubs.application.name;

/** Resolves the address `host`, which follows the host when it moves. */
function addressed(application: AddressedEntry, { host }: ApplicationsOptions): ConnectedApplication {
  const { address } = application;
  if (address !== 'host') return { ...application, address };
  const { name, type, typeName, tls } = application;
  return {
    ...{ name, type, typeName, tls },
    get address() {
      const current = host();
      return { host: reachable(current.host), port: current.port };
    },
  };
}

/** Requires TLS settings for the host if it uses TLS. @throws ConfigError */
export function checkTls(world: World, { tls, loaded }: Prepared): void {
  if (tls === undefined) return;
  for (const [index, application] of world.config.applications.entries()) {
    if (application.address === 'host' && application.tls === undefined) {
      const message = `needs tls: { ca: FILE }, because listeners.esp of ${loaded.file} has tls`;
      throw world.problem(['applications', index], message);
    }
  }
}
