import { z } from 'zod';
import { type ConnectionLimits } from '../../src/adapters/esp/connection.js';
import { EspAdapter } from '../../src/adapters/esp/index.js';
import { Application, type Channel, Channels } from '../../src/config/index.js';
import { type DispatchLimits, Host, type HostObserver } from '../../src/host/index.js';
import {
  definePlugin,
  type EspCall,
  EspMethod,
  type EspMethodHandler,
  type PluginDefinition,
} from '../../src/index.js';
import { type Clock, Metrics } from '../../src/telemetry/index.js';
import { BufferBudget, Descriptors, type ListenerTls } from '../../src/transport/index.js';
import { charset } from '../../src/wire/index.js';
import { LogLines } from './log-lines.js';
import { RawClient } from './raw-client.js';

interface Connections {
  connections: number;
  connectionsPerAddress: number;
  /** Of the budget of all connections. */
  bufferedBytes: number;
}

export interface HostSetup {
  readonly plugins?: readonly PluginDefinition[];
  readonly addressing?: 'lenient' | 'strict';
  readonly channels?: readonly Omit<Channel, 'problem'>[];
  readonly limits?: Partial<DispatchLimits & ConnectionLimits & Connections>;
  readonly tls?: ListenerTls;
  readonly charset?: string;
  readonly log?: LogLines;
  readonly clock?: Clock;
  readonly observer?: HostObserver;
  readonly budget?: BufferBudget;
  readonly descriptors?: Descriptors;
}

const LIMITS = {
  deadlineMs: 10_000,
  inFlight: 10_000,
  inFlightPerConnection: 1000,
  connections: 1000,
  messageBytes: 16 << 20,
  listDepth: 128,
  listEntries: 100_000,
  frameMs: 10_000,
  firstRequestMs: 60_000,
  bufferedBytes: 256 << 20,
};

/** A host with its ESP adapter on a free port, for tests through a real socket. */
export class TestHost {
  readonly #clients: RawClient[] = [];

  private constructor(
    readonly host: Host,
    readonly adapter: EspAdapter,
    readonly log: LogLines,
  ) {}

  static async start(setup: HostSetup = {}): Promise<TestHost> {
    const log = setup.log ?? new LogLines();
    const limits = { ...LIMITS, ...setup.limits };
    const application = new Application({
      name: 'DMS',
      type: 171,
      tenant: 'Environment',
      addressing: setup.addressing ?? 'lenient',
    });
    const host = new Host({
      application,
      channels: new Channels(
        (setup.channels ?? []).map((channel) => ({ ...channel, problem: () => new Error(channel.name) })),
      ),
      plugins: (setup.plugins ?? []).map((definition) => ({ use: definition.name, definition, options: {} })),
      limits,
      logger: log.logger,
      metrics: new Metrics(),
      ...(setup.clock === undefined ? {} : { clock: setup.clock }),
      ...(setup.observer === undefined ? {} : { observer: setup.observer }),
    });
    await host.start();
    const adapter = new EspAdapter({
      dispatcher: host.dispatcher,
      charset: charset(setup.charset),
      limits,
      logger: log.logger,
      metrics: host.metrics,
      host: '127.0.0.1',
      port: 0,
      budget: setup.budget ?? new BufferBudget(limits.bufferedBytes),
      descriptors: setup.descriptors ?? new Descriptors(),
      ...(setup.tls === undefined ? {} : { tls: setup.tls }),
    });
    await adapter.start();
    return new TestHost(host, adapter, log);
  }

  async client(): Promise<RawClient> {
    const client = await RawClient.open(this.adapter.port);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await this.adapter.drain(0);
    await this.host.stop();
  }
}

const anything = z.looseObject({});

/** A plugin with one method that runs `handle`. */
export function pluginOf(
  service: string,
  method: string,
  handle: (call: EspCall) => unknown,
  options: {
    parameters?: z.ZodType;
    response?: z.ZodType;
    channel?: string;
    name?: string;
    idempotent?: boolean;
    deadlineMs?: number;
  } = {},
): PluginDefinition {
  const { parameters = anything, response = anything, channel, name = service.toLowerCase(), ...more } = options;
  class Handler implements EspMethodHandler {
    handle(call: EspCall): never {
      return handle(call) as never;
    }
  }
  EspMethod(service, method, {
    parameters,
    response,
    ...(channel === undefined ? {} : { channel }),
    ...more,
  })(Handler);
  return definePlugin({ name, methods: [Handler] });
}

/** A promise that a test settles by hand. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (e: Error) => void } {
  return Promise.withResolvers<T>();
}
