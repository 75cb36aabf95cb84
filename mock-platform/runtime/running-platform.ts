import type { Prepared, Server } from 'esp-host/server';
import type { Charts } from '../charts/index.js';
import type { Address, PlatformConfig } from '../configuration/index.js';
import type { Faults } from '../faults/index.js';
import type { Reloads } from '../hot-reload/index.js';
import type { InteractionServer } from '../interaction-server/index.js';
import type { Journal } from '../journal/index.js';
import type { ReplayServer } from '../recording/index.js';
import type { StubServer } from '../stubs/index.js';
import type { Upstream } from '../upstreams/index.js';
import type { PlatformApplication } from './applications.js';
import type { Connections } from './connections.js';

/**
 * A platform that runs, and what it was made from. `esp`, `plainEsp` and `prepared` change where it follows its files:
 * who keeps one keeps an old one.
 */
export interface RunningPlatform {
  /** What answers: the host, or a recording. */
  readonly host: Server | ReplayServer;
  /** Where ESP clients reach the host. */
  readonly esp: Address;
  /** Where they reach it without TLS. */
  readonly plainEsp: Address;
  /** The mocks of upstreams that plugins bring, in the order of platform.yaml. */
  readonly upstreams: readonly Upstream[];
  readonly interactionServer: InteractionServer;
  readonly journal: Journal;
  readonly charts: Charts;
  readonly connections: Connections;
  readonly stubServers: readonly StubServer[];
  readonly faults: Faults;
  readonly prepared: Prepared;
  readonly world: PlatformConfig;
  readonly applications: readonly PlatformApplication[];
  /** The recording that answers in the host's place. */
  readonly replay: string | undefined;
  /** Where it follows its files: how that goes. */
  readonly reloads: Reloads | undefined;
}
