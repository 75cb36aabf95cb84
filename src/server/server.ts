import { EspAdapter, type EspAdapterSettings } from '../adapters/esp/index.js';
import { HttpAdapter, type HttpAdapterSettings } from '../adapters/http/index.js';
import { Host, type HostObserver, pluginErrors } from '../host/index.js';
import {
  createLogger,
  errorText,
  Metrics,
  MONITOR_CONNECTIONS,
  Monitor,
  type Phase,
  type RootLogger,
} from '../telemetry/index.js';
import { BufferBudget, Descriptors } from '../transport/index.js';
import { charset } from '../wire/index.js';
import { Change } from './change.js';
import { ListenError, ServerStoppingError } from './errors.js';
import { type Prepared, servesTheSame } from './prepare.js';
import { ServerMetrics } from './server-metrics.js';
import { type Address, isSameAddress, takePort } from './take-port.js';

export interface ServerOptions {
  readonly prepared: Prepared;
  /** In place of what `logging` in the config asks for. */
  readonly logger?: RootLogger;
  /** In place of `listeners.esp`. */
  readonly listen?: Address;
  /** In place of `listeners.metrics`. */
  readonly listenMetrics?: Address;
  /** In place of the address of `listeners.http`, where the config has one. */
  readonly listenHttp?: Address;
  /** Told of the calls that methods make through `call.http`. */
  readonly observer?: HostObserver;
  /** How long the `start` of a plugin may take, in ms; without it, as long as that likes. */
  readonly startMs?: number;
}

/** What serves a config. */
interface Generation {
  readonly prepared: Prepared;
  readonly host: Host;
  readonly adapter: EspAdapter;
  readonly http: HttpAdapter | undefined;
  readonly monitor: Monitor | undefined;
}

/** Where health and metrics are if nobody says otherwise. */
const USUAL_MONITOR: Address = { host: '127.0.0.1', port: 7190 };

/** A host that runs, with its listeners. */
export class Server {
  readonly metrics = new Metrics();
  readonly logger: RootLogger;
  readonly #measured: ServerMetrics;
  readonly #budget: BufferBudget;
  readonly #descriptors = new Descriptors();
  /** Those of the current generation, and those of earlier ones that finish what they have begun. */
  readonly #hosts = new Set<Host>();
  readonly #adapters = new Set<EspAdapter>();
  readonly #httpAdapters = new Set<HttpAdapter>();
  readonly #finishing = new Set<Promise<void>>();
  #current: Generation | undefined;
  /** How many connections were last said to be too many for the process. */
  #wantedConnections = 0;
  /** Why there is no monitor at its usual place. */
  #noMonitor: string | undefined;
  #phase: Phase = 'starting';
  #change: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  /** Rejects when the host stops. */
  readonly #stopping = Promise.withResolvers<never>();

  private constructor(private readonly options: ServerOptions) {
    this.logger = options.logger ?? createLogger(options.prepared.loaded.config.logging);
    this.#budget = new BufferBudget(options.prepared.loaded.config.limits.bufferedBytes);
    this.#measured = new ServerMetrics(this.metrics, this.#hosts, this.#budget);
    this.#stopping.promise.catch(() => undefined);
  }

  /**
   * Starts the listener for health and metrics, then the plugins, then listens for ESP and HTTP.
   * @throws ListenError, PluginStartError
   */
  static async start(options: ServerOptions): Promise<Server> {
    const server = new Server(options);
    await server.#switchTo(options.prepared);
    server.#phase = 'ready';
    return server;
  }

  /** Where ESP is listened for. */
  get address(): Address {
    const { prepared, adapter } = this.#generation;
    return { host: this.#espAddress(prepared).host, port: adapter.port };
  }

  /** Where HTTP is listened for; undefined where it is not. */
  get httpAddress(): Address | undefined {
    const { http } = this.#generation;
    return http === undefined ? undefined : { host: http.host, port: http.port };
  }

  /** Where health and metrics are; undefined where they are not to be had. */
  get metricsAddress(): Address | undefined {
    const { monitor } = this.#generation;
    return monitor === undefined ? undefined : { host: monitor.host, port: monitor.port };
  }

  /** The configuration that is served. */
  get prepared(): Prepared {
    return this.#generation.prepared;
  }

  /** Counts an error of a plugin that no request could be answered with. @param plugin undefined: nobody knows whose */
  failed(plugin: string | undefined): void {
    pluginErrors(this.metrics, plugin).inc();
  }

  get methods(): readonly string[] {
    return this.#generation.host.methods;
  }

  /**
   * Goes over to another config, to all of it or not at all. What has not changed stays as it is: listeners with their
   * connections, and plugins. Requests that are in flight end with what they began with.
   * @throws as `start` does; the config of before is then served on
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
   * Closes the listener, serves open connections until they end, within `limits.drainMs`, then stops the plugins.
   * Calling it again waits for the same end.
   */
  stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#stopping.reject(new ServerStoppingError());
    this.#stopped ??= this.#change.then(() => this.#stop());
    return this.#stopped;
  }

  get #generation(): Generation {
    if (this.#current === undefined) throw new Error('the host has not started');
    return this.#current;
  }

  #espAddress({ loaded }: Prepared): Address {
    return this.options.listen ?? loaded.config.listeners.esp;
  }

  async #switchTo(prepared: Prepared): Promise<void> {
    const change = new Change();
    try {
      const monitor = await this.#monitorFor(prepared, change);
      const host = await this.#hostFor(prepared, change);
      const adapter = await this.#adapterFor(prepared, host, change);
      const http = await this.#httpFor(prepared, host, change);
      await change.finish();
      this.#serve({ prepared, host, adapter, http, monitor });
    } catch (error) {
      for (const failure of await change.undo())
        this.logger.error(`a change that was refused could not be undone: ${errorText(failure)}`);
      throw error;
    }
  }

  async #monitorFor({ loaded }: Prepared, change: Change): Promise<Monitor | undefined> {
    const old = this.#current?.monitor;
    const configured = loaded.config.listeners.metrics;
    const asked = this.options.listenMetrics ?? (configured?.enabled === false ? undefined : configured);
    if (asked === undefined && configured !== undefined) return undefined;
    const address = asked ?? USUAL_MONITOR;
    if (old !== undefined && (await isSameAddress(old.asked, address))) return old;
    const connections = Math.max(2, Math.min(MONITOR_CONNECTIONS, this.#descriptors.reserved >> 1));
    const monitor = new Monitor({ ...address, connections, metrics: this.metrics, phase: () => this.#phase });
    try {
      await takePort(monitor, address, 'listeners.metrics', old, change);
    } catch (error) {
      if (asked !== undefined || !(error instanceof ListenError)) throw error;
      // Once, not at each reload.
      if (error.message !== this.#noMonitor) this.logger.warn(`no health and metrics: ${error.message}`);
      this.#noMonitor = error.message;
      return undefined;
    }
    change.onUndo(() => monitor.close());
    this.logger.info('health and metrics', { url: `http://${monitor.host}:${monitor.port}` });
    return monitor;
  }

  async #hostFor(prepared: Prepared, change: Change): Promise<Host> {
    if (this.#current !== undefined && servesTheSame(this.#current.prepared, prepared)) return this.#current.host;
    const { application, channels, plugins, loaded } = prepared;
    const { logger, metrics } = this;
    const { observer, startMs } = this.options;
    const host = new Host({
      application,
      channels,
      plugins,
      limits: loaded.config.limits,
      logger,
      metrics,
      ...(observer === undefined ? {} : { observer }),
      ...(startMs === undefined ? {} : { startMs }),
    });
    this.#hosts.add(host);
    change.onUndo(() => this.#endHost(host));
    // A plugin that never starts does not keep the host from stopping.
    await Promise.race([host.start(), this.#stopping.promise]);
    return host;
  }

  async #adapterFor(prepared: Prepared, host: Host, change: Change): Promise<EspAdapter> {
    const old = this.#current?.adapter;
    const address = this.#espAddress(prepared);
    if (old !== undefined && (await isSameAddress(old.asked, address))) return old;
    const { host: name, port } = address;
    const adapter = new EspAdapter({ host: name, port, ...settingsOf(prepared, host), ...this.#shared });
    await takePort(adapter, address, 'listeners.esp', old, change);
    change.onUndo(() => this.#endAdapter(adapter, 0));
    this.#adapters.add(adapter);
    return adapter;
  }

  async #httpFor(prepared: Prepared, host: Host, change: Change): Promise<HttpAdapter | undefined> {
    const old = this.#current?.http;
    const settings = httpSettingsOf(prepared, host);
    const configured = prepared.loaded.config.listeners.http;
    if (settings === undefined || configured === undefined) return undefined;
    const address = this.options.listenHttp ?? configured;
    if (old !== undefined && (await isSameAddress(old.asked, address))) return old;
    const http = new HttpAdapter({
      host: address.host,
      port: address.port,
      ...settings,
      ...this.#shared,
    });
    await takePort(http, address, 'listeners.http', old, change);
    change.onUndo(() => this.#endHttp(http, 0));
    this.#httpAdapters.add(http);
    this.logger.info(`calls over HTTP${settings.tls === undefined ? '' : ' and TLS'}`, {
      address: `${http.host}:${http.port}`,
    });
    return http;
  }

  /** What all adapters have in common. */
  get #shared() {
    return { logger: this.logger, metrics: this.metrics, budget: this.#budget, descriptors: this.#descriptors };
  }

  /** All is ready: from here on nothing fails. */
  #serve(next: Generation): void {
    const old = this.#current;
    const { prepared, host, adapter, http, monitor } = next;
    const { logging, limits } = prepared.loaded.config;
    for (const one of this.#adapters) one.use(settingsOf(prepared, host));
    // Where the config has none any more, what drains answers from the new host with the old token.
    const httpSettings = httpSettingsOf(prepared, host) ?? (old && httpSettingsOf(old.prepared, host));
    if (httpSettings !== undefined) for (const one of this.#httpAdapters) one.use(httpSettings);
    if (this.options.logger === undefined) this.logger.configure(logging);
    this.#budget.bytes = limits.bufferedBytes;
    this.#checkDescriptors(next);
    this.#current = next;
    this.#measured.serving(prepared);
    if (adapter !== old?.adapter) this.#sayWhere(next);
    if (old === undefined) return;
    this.logger.info('the new configuration is in use', {
      plugins: host === old.host ? 'as before' : 'started anew',
      listener: adapter === old.adapter ? 'as before' : 'moved',
    });
    if (monitor !== old.monitor) this.#finish(old.monitor?.close());
    if (adapter !== old.adapter) this.#finish(this.#endAdapter(old.adapter, limits.drainMs));
    if (http !== old.http) this.#finish(this.#endHttp(old.http, limits.drainMs));
    if (host !== old.host) this.#finish(old.host.dispatcher.idle().then(() => this.#endHost(old.host)));
  }

  #sayWhere({ prepared: { application, tls }, host }: Generation): void {
    const how = tls === undefined ? 'ESP' : 'ESP over TLS';
    this.logger.info(`${application.name} (type ${application.type}) listens for ${how}`, {
      address: `${this.address.host}:${this.address.port}`,
      methods: host.methods.join(','),
    });
  }

  /** Says once what will be refused later, while it can still be put right. */
  #checkDescriptors({ prepared, http }: Generation): void {
    const { connections } = prepared.loaded.config.limits;
    const { limit, connections: most } = this.#descriptors;
    const wanted = connections * (http === undefined ? 1 : 2);
    if (most >= wanted || wanted === this.#wantedConnections) return;
    this.#wantedConnections = wanted;
    this.logger.warn(
      `the process may open ${limit} files (ulimit -n), which allows for ${most} connections; limits.connections asks for ${wanted}`,
    );
  }

  #finish(work: Promise<void> = Promise.resolve()): void {
    const finished = work.finally(() => this.#finishing.delete(finished));
    this.#finishing.add(finished);
  }

  async #endHost(host: Host): Promise<void> {
    await host.stop();
    this.#hosts.delete(host);
  }

  async #endAdapter(adapter: EspAdapter, drainMs: number): Promise<void> {
    await adapter.drain(drainMs);
    this.#adapters.delete(adapter);
  }

  async #endHttp(http: HttpAdapter | undefined, drainMs: number): Promise<void> {
    await http?.drain(drainMs);
    if (http !== undefined) this.#httpAdapters.delete(http);
  }

  async #stop(): Promise<void> {
    const { prepared, host, adapter, http, monitor } = this.#generation;
    const { drainMs } = prepared.loaded.config.limits;
    this.logger.info('stopping', {
      inFlight: this.#measured.inFlight,
      connections: [...this.#adapters, ...this.#httpAdapters].reduce((sum, { connections }) => sum + connections, 0),
    });
    await Promise.all([this.#endAdapter(adapter, drainMs), this.#endHttp(http, drainMs)]);
    await Promise.all(this.#finishing);
    await this.#endHost(host);
    await monitor?.close();
    this.logger.info('stopped');
  }
}

function settingsOf({ loaded, tls }: Prepared, host: Host): EspAdapterSettings {
  const { limits, listeners } = loaded.config;
  return { dispatcher: host.dispatcher, charset: charset(listeners.esp.charset), limits, tls };
}

function httpSettingsOf({ application, loaded, httpTls }: Prepared, host: Host): HttpAdapterSettings | undefined {
  const { limits, listeners } = loaded.config;
  if (listeners.http === undefined) return undefined;
  return { name: application.name, dispatcher: host.dispatcher, limits, token: listeners.http.token, tls: httpTls };
}
