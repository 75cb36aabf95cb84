import { EspAdapter } from '../adapters/esp/index.js';
import { Host } from '../host/index.js';
import { createLogger, Metrics, type Monitor, type Phase, type RootLogger } from '../telemetry/index.js';
import { charset } from '../wire/index.js';
import { ListenFailed } from './listen-failed.js';
import type { Prepared } from './prepare.js';
import { startMonitor } from './start-monitor.js';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerOptions {
  readonly prepared: Prepared;
  /** In place of what `logging` in the config asks for. */
  readonly logger?: RootLogger;
  /** In place of `listeners.esp`. */
  readonly listen?: ServerAddress;
  /** In place of `listeners.metrics`. */
  readonly listenMetrics?: ServerAddress;
}

/** A host that runs, with its listeners. */
export class Server {
  readonly metrics = new Metrics();
  readonly #prepared: Prepared;
  readonly #logger: RootLogger;
  readonly #host: Host;
  #adapter: EspAdapter | undefined;
  #monitor: Monitor | undefined;
  #phase: Phase = 'starting';
  #stopped: Promise<void> | undefined;

  private constructor(private readonly options: ServerOptions) {
    const { application, channels, plugins, loaded } = options.prepared;
    this.#prepared = options.prepared;
    this.#logger = options.logger ?? createLogger(loaded.config.logging);
    const { limits } = loaded.config;
    this.#host = new Host({ application, channels, plugins, limits, logger: this.#logger, metrics: this.metrics });
    const inFlight = this.metrics.gauge('esp_requests_in_flight', 'ESP requests that wait for their methods');
    this.metrics.collect(() => inFlight.set(this.#host.dispatcher.inFlight));
  }

  /**
   * Starts the listener for health and metrics, then the plugins, then listens for ESP.
   * @throws ListenFailed, HostError, or what a plugin's start throws
   */
  static async start(options: ServerOptions): Promise<Server> {
    const server = new Server(options);
    await server.#start();
    return server;
  }

  /** Where ESP is listened for. */
  get address(): ServerAddress {
    const { host } = this.#listen;
    return { host, port: this.#adapter?.port ?? this.#listen.port };
  }

  /** Where health and metrics are; undefined where they are not to be had. */
  get metricsAddress(): ServerAddress | undefined {
    return this.#monitor?.address;
  }

  get methods(): readonly string[] {
    return this.#host.methods;
  }

  /**
   * Closes the listener, answers new requests 920 stopping, waits for those in flight up to `limits.drainMs`, then
   * stops the plugins. Calling it again waits for the same end.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  get #listen(): ServerAddress {
    return this.options.listen ?? this.#prepared.loaded.config.listeners.esp;
  }

  async #start(): Promise<void> {
    const { listeners } = this.#prepared.loaded.config;
    this.#monitor = await startMonitor({
      address: this.options.listenMetrics,
      configured: listeners.metrics,
      metrics: this.metrics,
      logger: this.#logger,
      phase: () => this.#phase,
    });
    try {
      await this.#host.start();
      await this.#listenForEsp();
    } catch (error) {
      await this.#host.stop();
      await this.#monitor?.close();
      throw error;
    }
    this.#phase = 'ready';
  }

  async #listenForEsp(): Promise<void> {
    const { application, loaded, tls } = this.#prepared;
    const { limits, listeners } = loaded.config;
    const { host, port } = this.#listen;
    const adapter = new EspAdapter({
      dispatcher: this.#host.dispatcher,
      charset: charset(listeners.esp.charset),
      limits,
      logger: this.#logger,
      metrics: this.metrics,
      host,
      port,
      ...(tls === undefined ? {} : { tls }),
    });
    await adapter.start().catch((error) => {
      throw new ListenFailed(error, this.#listen, 'listeners.esp');
    });
    this.#adapter = adapter;
    const how = tls === undefined ? 'ESP' : 'ESP over TLS';
    this.#logger.info(`${application.name} (type ${application.type}) listens for ${how}`, {
      address: `${this.address.host}:${this.address.port}`,
      methods: this.#host.methods.join(','),
    });
  }

  async #stop(): Promise<void> {
    const { drainMs } = this.#prepared.loaded.config.limits;
    const { dispatcher } = this.#host;
    this.#phase = 'stopping';
    this.#logger.info('stopping', { inFlight: dispatcher.inFlight, connections: this.#adapter?.connections });
    dispatcher.stopping();
    await this.#adapter?.drain(drainMs);
    await this.#host.stop();
    await this.#monitor?.close();
    this.#logger.info('stopped');
  }
}
