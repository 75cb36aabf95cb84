import { type OwnedPanel, pluginErrors } from '../host/index.js';
import { createLogger, errorText, Metrics, type Phase, type RootLogger } from '../telemetry/index.js';
import { BufferBudget, Descriptors } from '../transport/index.js';
import { Change } from './change.js';
import { ServerStoppingError } from './errors.js';
import { EventsHolder } from './events.js';
import {
  espSettings,
  type Generation,
  GenerationBuilder,
  type GenerationOptions,
  httpSettings,
  webhookSettings,
} from './generation.js';
import type { Prepared } from './prepare.js';
import { RunningParts } from './running-parts.js';
import { ServerMetrics } from './server-metrics.js';
import type { Address } from './take-port.js';

export interface ServerOptions extends GenerationOptions {
  readonly prepared: Prepared;
  /** Replaces the logger that `logging` configures. */
  readonly logger?: RootLogger;
}

/** A running host with its listeners. */
export class Server {
  readonly metrics = new Metrics();
  readonly logger: RootLogger;
  readonly #running = new RunningParts();
  readonly #measured: ServerMetrics;
  readonly #budget: BufferBudget;
  readonly #events: EventsHolder;
  readonly #descriptors = new Descriptors();
  readonly #builder: GenerationBuilder;
  #current: Generation | undefined;
  /** The number of connections of the last warning about descriptors. */
  #wantedConnections: number | undefined;
  #phase: Phase = 'starting';
  #change: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  /** Rejects when the server stops. */
  readonly #stopping = Promise.withResolvers<never>();

  private constructor(private readonly options: ServerOptions) {
    const { logging, limits } = options.prepared.loaded.config;
    this.logger = options.logger ?? createLogger(logging);
    this.#budget = new BufferBudget(limits.bufferedBytes);
    this.#measured = new ServerMetrics(this.metrics, this.#running, this.#budget);
    this.#events = new EventsHolder(this.logger, this.metrics, options.statePlace, options.observer?.webhooks);
    this.#stopping.promise.catch(() => undefined);
    this.#builder = new GenerationBuilder(options, {
      logger: this.logger,
      metrics: this.metrics,
      budget: this.#budget,
      descriptors: this.#descriptors,
      running: this.#running,
      events: this.#events,
      phase: () => this.#phase,
      stopping: this.#stopping.promise,
    });
  }

  /**
   * Starts the listener for health and metrics, then the plugins, then the listeners for ESP, HTTP and webhooks.
   * @throws ListenError, PluginStartError, ConfigError if the state file cannot be used
   */
  static async start(options: ServerOptions): Promise<Server> {
    const server = new Server(options);
    await server.#switchTo(options.prepared);
    server.#phase = 'ready';
    return server;
  }

  /** The address of the ESP listener. */
  get address(): Address {
    const { prepared, adapter } = this.#generation;
    return { host: this.#builder.espAddress(prepared).host, port: adapter.port };
  }

  /** The address of the HTTP listener; undefined if there is none. */
  get httpAddress(): Address | undefined {
    return addressOf(this.#generation.http);
  }

  /** The address of the listener for webhooks; undefined if there is none. */
  get webhooksAddress(): Address | undefined {
    return addressOf(this.#generation.webhooks);
  }

  /** The address of health and metrics; undefined if they are not served. */
  get metricsAddress(): Address | undefined {
    return addressOf(this.#generation.monitor);
  }

  /** The configuration in use. */
  get prepared(): Prepared {
    return this.#generation.prepared;
  }

  /** Counts an error in a plugin that no reply could report. @param plugin undefined if unknown */
  failed(plugin: string | undefined): void {
    pluginErrors(this.metrics, plugin).inc();
  }

  get methods(): readonly string[] {
    return this.#generation.host.methods;
  }

  /** The pages that the plugins bring for the console of the mock platform. @throws what a plugin throws */
  panels(): Promise<readonly OwnedPanel[]> {
    return this.#generation.host.panels();
  }

  /**
   * Switches to another configuration, as a whole or not at all. Unchanged parts stay: listeners with their connections,
   * and plugins. Requests in flight finish with what they began with.
   * @throws like `start`, and ServerStoppingError. The earlier configuration stays in use then
   */
  reload(prepared: Prepared): Promise<void> {
    const change = this.#change.then(() => {
      if (this.#phase !== 'ready') throw new ServerStoppingError();
      return this.#switchTo(prepared);
    });
    this.#change = change.catch(() => undefined);
    return change;
  }

  /**
   * Closes the listeners, serves open connections until they end, for `limits.drainMs` at most, and stops the plugins.
   * A second call returns the same promise.
   */
  stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#stopping.reject(new ServerStoppingError());
    this.#stopped ??= this.#change.then(() => this.#stop());
    return this.#stopped;
  }

  get #generation(): Generation {
    if (this.#current === undefined) throw new Error('the server has not started');
    return this.#current;
  }

  async #switchTo(prepared: Prepared): Promise<void> {
    const change = new Change();
    try {
      const next = await this.#builder.build(prepared, this.#current, change);
      await change.finish();
      this.#use(next);
    } catch (error) {
      for (const failure of await change.undo())
        this.logger.error(`could not undo a step of a rejected change: ${errorText(failure)}`);
      throw error;
    }
  }

  /** Nothing fails from here on: all parts of the generation are running. */
  #use(next: Generation): void {
    const old = this.#current;
    const { prepared, host, adapter } = next;
    const { logging, limits } = prepared.loaded.config;
    for (const one of this.#running.adapters) one.use(espSettings(prepared, host));
    // A removed HTTP listener drains with the new host and the old token.
    const settings = httpSettings(prepared, host) ?? (old && httpSettings(old.prepared, host));
    if (settings !== undefined) for (const one of this.#running.httpAdapters) one.use(settings);
    const ofWebhooks = webhookSettings(prepared);
    if (ofWebhooks !== undefined) for (const one of this.#running.webhookAdapters) one.use(ofWebhooks);
    const handedOver = this.#events.use(host, prepared);
    if (this.options.logger === undefined) this.logger.configure(logging);
    this.#budget.bytes = limits.bufferedBytes;
    this.#logWarnings(prepared, old?.prepared);
    this.#checkDescriptors(next);
    this.#current = next;
    this.#measured.serving(prepared);
    if (adapter !== old?.adapter) this.#logAddress(next);
    if (old !== undefined) this.#retire(old, next, handedOver);
  }

  /**
   * Ends the parts of the old generation that the next one does not use.
   * @param handedOver when the old plugins have finished their webhooks
   */
  #retire(old: Generation, next: Generation, handedOver: Promise<void>): void {
    const { prepared, host, adapter, http, webhooks, monitor } = next;
    const { drainMs } = prepared.loaded.config.limits;
    this.logger.info('the new configuration is in use', {
      plugins: host === old.host ? 'as before' : 'started anew',
      listener: adapter === old.adapter ? 'as before' : 'moved',
    });
    const running = this.#running;
    if (monitor !== old.monitor) running.finish(old.monitor?.close());
    if (adapter !== old.adapter) running.finish(running.endAdapter(old.adapter, drainMs));
    if (http !== old.http) running.finish(running.endHttp(old.http, drainMs));
    if (webhooks !== old.webhooks) running.finish(running.endWebhooks(old.webhooks, drainMs));
    if (host === old.host) return;
    const idle = Promise.all([old.host.dispatcher.idle(), handedOver]);
    running.finish(idle.then(() => running.endHost(old.host)));
  }

  #logAddress({ prepared: { application, tls }, host }: Generation): void {
    const how = tls === undefined ? 'ESP' : 'ESP over TLS';
    this.logger.info(`${application.name} (type ${application.type}) listens for ${how}`, {
      address: `${this.address.host}:${this.address.port}`,
      methods: host.methods.join(','),
    });
  }

  /** A reload does not repeat the warnings of the earlier configuration. */
  #logWarnings({ warnings }: Prepared, old: Prepared | undefined): void {
    const known = new Set(old?.warnings.map(({ message }) => message));
    for (const { file, line, column, message } of warnings) {
      if (!known.has(message)) this.logger.warn(`${file}:${line}:${column}: ${message}`);
    }
  }

  /** Warns, once per number, if the process may open too few files for the connections that the limits allow. */
  #checkDescriptors({ prepared, http, webhooks }: Generation): void {
    const { limit, connections } = this.#descriptors;
    const listeners = [http, webhooks].filter((one) => one !== undefined).length + 1;
    const wanted = prepared.loaded.config.limits.connections * listeners;
    if (connections >= wanted || wanted === this.#wantedConnections) return;
    this.#wantedConnections = wanted;
    this.logger.warn(
      `the process may open ${limit} files (ulimit -n), which allows for ${connections} connections; limits.connections asks for ${wanted}`,
    );
  }

  async #stop(): Promise<void> {
    const { prepared, host, adapter, http, webhooks, monitor } = this.#generation;
    const { drainMs } = prepared.loaded.config.limits;
    const { inFlight, connections } = this.#running;
    this.logger.info('stopping', { inFlight, connections });
    await Promise.all([
      this.#running.endAdapter(adapter, drainMs),
      this.#running.endHttp(http, drainMs),
      this.#running.endWebhooks(webhooks, drainMs).then(() => this.#events.stop(drainMs)),
    ]);
    await this.#running.finished();
    await this.#running.endHost(host);
    await this.#events.close();
    await monitor?.close();
    this.logger.info('stopped');
  }
}

const addressOf = (listener: Address | undefined): Address | undefined =>
  listener === undefined ? undefined : { host: listener.host, port: listener.port };
