import { EspAdapter } from '../adapters/esp/index.js';
import { Host, type HostObserver } from '../host/index.js';
import { createLogger, type Metrics, type RootLogger } from '../telemetry/index.js';
import { charset } from '../wire/index.js';
import type { Prepared } from './prepare.js';

export interface ServerOptions {
  readonly prepared: Prepared;
  /** In place of what `logging` in the config asks for. */
  readonly logger?: RootLogger;
  /** In place of `listeners.esp`. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Told of the calls that methods make through `call.http`. */
  readonly observer?: HostObserver;
}

/** The ESP port cannot be had; the text says which and what to do. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';
}

/** A host that runs, with its listeners. */
export class Server {
  readonly #host: Host;
  readonly #adapter: EspAdapter;
  #stopped: Promise<void> | undefined;

  private constructor(
    private readonly prepared: Prepared,
    private readonly logger: RootLogger,
    host: Host,
    adapter: EspAdapter,
    /** Where ESP is listened for. */
    readonly address: { readonly host: string; readonly port: number },
  ) {
    this.#host = host;
    this.#adapter = adapter;
  }

  /** Starts the plugins, then listens. @throws ListenFailed, HostError */
  static async start(options: ServerOptions): Promise<Server> {
    const { application, channels, plugins, loaded, tls } = options.prepared;
    const { limits, listeners, logging } = loaded.config;
    const logger = options.logger ?? createLogger(logging);
    const { observer } = options;
    const host = new Host({
      application,
      channels,
      plugins,
      limits,
      logger,
      ...(observer === undefined ? {} : { observer }),
    });
    await host.start();
    const address = options.listen ?? listeners.esp;
    const adapter = new EspAdapter({
      dispatcher: host.dispatcher,
      charset: charset(listeners.esp.charset),
      limits,
      logger,
      host: address.host,
      port: address.port,
      ...(tls === undefined ? {} : { tls }),
    });
    try {
      await adapter.start();
    } catch (error) {
      await host.stop();
      throw listenFailed(error as NodeJS.ErrnoException, address);
    }
    const server = new Server(options.prepared, logger, host, adapter, { host: address.host, port: adapter.port });
    logger.info(
      `${application.name} (type ${application.type}) listens for ESP${tls === undefined ? '' : ' over TLS'}`,
      {
        address: `${server.address.host}:${server.address.port}`,
        methods: host.methods.join(','),
      },
    );
    return server;
  }

  get methods(): readonly string[] {
    return this.#host.methods;
  }

  get metrics(): Metrics {
    return this.#host.metrics;
  }

  /**
   * Closes the listener, answers new requests 920 stopping, waits for those in flight up to `limits.drainMs`, then
   * stops the plugins. Calling it again waits for the same end.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { drainMs } = this.prepared.loaded.config.limits;
    this.logger.info('stopping', { inFlight: this.#host.dispatcher.inFlight, connections: this.#adapter.connections });
    this.#host.dispatcher.stopping();
    await this.#adapter.drain(drainMs);
    await this.#host.stop();
    this.logger.info('stopped');
  }
}

/** What an error of `listen` means for who starts a host. */
export function listenFailed(error: NodeJS.ErrnoException, address: { host: string; port: number }): ListenFailed {
  const where = `${address.host}:${address.port}`;
  const why: Record<string, string> = {
    EADDRINUSE: 'another program listens there; stop it, or choose another port in listeners.esp.port',
    EACCES: 'this user may not listen there; choose a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address; see listeners.esp.host',
    ENOTFOUND: 'there is no such host name; see listeners.esp.host',
  };
  return new ListenFailed(`cannot listen on ${where}: ${why[error.code ?? ''] ?? error.message}`, { cause: error });
}
