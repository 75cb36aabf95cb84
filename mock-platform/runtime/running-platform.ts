import type { OwnedPanel, Prepared, Server } from '#server';
import type { Charts } from '../charts/index.js';
import type { Address, PlatformConfig } from '../configuration/index.js';
import type { Faults } from '../faults/index.js';
import type { Reloads } from '../hot-reload/index.js';
import type { InteractionServer } from '../interaction-server/index.js';
import type { Journal } from '../journal/index.js';
import type { ReplayServer } from '../recording/index.js';
import type { CaseResult, DataValues, Run, Sweep } from '../strategies/index.js';
import type { StubServer } from '../stubs/index.js';
import type { Upstream } from '../upstreams/index.js';
import type { PlatformApplication } from './applications.js';
import type { Connections } from './connections.js';
import type { StubFiles } from './stub-files.js';

/**
 * A running platform and its configuration. A reload changes `esp`, `plainEsp` and `prepared`: read them each time
 * instead of keeping them.
 */
export interface RunningPlatform {
  /** The host, or the replay of a recording. */
  readonly host: Server | ReplayServer;
  /** The address for ESP clients of the host. */
  readonly esp: Address;
  /** The address without TLS. */
  readonly plainEsp: Address;
  /** The upstream mocks, in the order of platform.yaml. */
  readonly upstreams: readonly Upstream[];
  readonly interactionServer: InteractionServer;
  readonly journal: Journal;
  readonly charts: Charts;
  readonly connections: Connections;
  readonly stubServers: readonly StubServer[];
  readonly stubFiles: StubFiles;
  readonly faults: Faults;
  readonly prepared: Prepared;
  readonly world: PlatformConfig;
  readonly applications: readonly PlatformApplication[];
  /** The path of the recording that is replayed instead of the host. */
  readonly replay: string | undefined;
  /** The outcomes of reloads; undefined if the platform does not reload. */
  readonly reloads: Reloads | undefined;
  /** Runs the test cases of a strategy file, each against a platform of its own. @throws ConfigError */
  testStrategy(file: string): Promise<readonly CaseResult[]>;
  /**
   * Runs a strategy file on a platform of its own, with an upstream as one of its variants. @throws ConfigError,
   * UnknownDataError, UnknownUpstreamError, UnknownVariantError
   */
  runVariant(
    file: string,
    set: DataValues,
    variant: { readonly upstream: string; readonly title: string },
  ): Promise<Run>;
  /** All paths through a strategy file. @throws ConfigError, UnknownDataError */
  sweepStrategy(file: string, set: DataValues): Promise<Sweep>;
  /** The pages of the host's plugins. @throws what a plugin throws */
  panels(): Promise<readonly OwnedPanel[]>;
}
