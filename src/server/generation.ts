import { EspAdapter, type EspAdapterSettings } from '../adapters/esp/index.js';
import { HttpAdapter, type HttpAdapterSettings } from '../adapters/http/index.js';
import { WebhookAdapter, type WebhookAdapterSettings } from '../adapters/webhooks/index.js';
import { Host, type HostObserver } from '../host/index.js';
import { type Metrics, MONITOR_CONNECTIONS, Monitor, type Phase, type RootLogger } from '../telemetry/index.js';
import type { BufferBudget, Descriptors } from '../transport/index.js';
import { charset } from '../wire/index.js';
import type { Change } from './change.js';
import { ListenError } from './errors.js';
import type { Events, EventsHolder, StatePlace } from './events.js';
import { type Prepared, servesTheSame } from './prepare.js';
import type { RunningParts } from './running-parts.js';
import { type Address, isSameAddress, takePort } from './take-port.js';

/** The parts of a server that serve one configuration. */
export interface Generation {
  readonly prepared: Prepared;
  readonly host: Host;
  readonly adapter: EspAdapter;
  readonly http: HttpAdapter | undefined;
  readonly webhooks: WebhookAdapter | undefined;
  readonly monitor: Monitor | undefined;
}

export interface GenerationOptions {
  /** Overrides `listeners.esp`. */
  readonly listen?: Address;
  /** Overrides `listeners.metrics`. */
  readonly listenMetrics?: Address;
  /** Overrides the address of `listeners.http`, if the configuration has that listener. */
  readonly listenHttp?: Address;
  /** Overrides the address of `listeners.webhooks`, if the configuration has that listener. */
  readonly listenWebhooks?: Address;
  /** @default 'as configured' */
  readonly statePlace?: StatePlace;
  /** Receives the HTTP calls that methods make. */
  readonly observer?: HostObserver;
  /** Timeout in ms for the `start` of a plugin. @default no timeout */
  readonly startMs?: number;
}

/** What all generations of a server share. */
export interface SharedParts {
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
  readonly running: RunningParts;
  readonly events: EventsHolder;
  phase(): Phase;
  /** Rejects when the server stops. */
  readonly stopping: Promise<never>;
}

/** The address of health and metrics, unless configured. */
const DEFAULT_MONITOR: Address = { host: '127.0.0.1', port: 7190 };

/** Starts the parts that a configuration needs, and reuses those that it leaves as they are. */
export class GenerationBuilder {
  /** Why the monitor could not listen on its default address. */
  #monitorProblem: string | undefined;

  constructor(
    private readonly options: GenerationOptions,
    private readonly shared: SharedParts,
  ) {}

  /**
   * @param change undoes what was started if a later step fails
   * @throws ListenError, PluginStartError, ConfigError
   */
  async build(prepared: Prepared, old: Generation | undefined, change: Change): Promise<Generation> {
    const monitor = await this.#monitor(prepared, old, change);
    const events = await this.shared.events.open(prepared, change);
    const host = await this.#host(prepared, events, old, change);
    const adapter = await this.#adapter(prepared, host, old, change);
    const http = await this.#http(prepared, host, old, change);
    const webhooks = await this.#webhooks(prepared, events, old, change);
    return { prepared, host, adapter, http, webhooks, monitor };
  }

  espAddress({ loaded }: Prepared): Address {
    return this.options.listen ?? loaded.config.listeners.esp;
  }

  async #monitor({ loaded }: Prepared, old: Generation | undefined, change: Change): Promise<Monitor | undefined> {
    const { logger, metrics, descriptors, phase } = this.shared;
    const configured = loaded.config.listeners.metrics;
    const asked = this.options.listenMetrics ?? (configured?.enabled === false ? undefined : configured);
    if (asked === undefined && configured !== undefined) return undefined;
    const address = asked ?? DEFAULT_MONITOR;
    if (old?.monitor !== undefined && (await isSameAddress(old.monitor.asked, address))) return old.monitor;
    const connections = Math.max(2, Math.min(MONITOR_CONNECTIONS, descriptors.reserved >> 1));
    const monitor = new Monitor({ ...address, connections, metrics, phase });
    try {
      await takePort(monitor, address, 'listeners.metrics', old?.monitor, change);
    } catch (error) {
      if (asked !== undefined || !(error instanceof ListenError)) throw error;
      // Once, not at each reload.
      if (error.message !== this.#monitorProblem) logger.warn(`no health and metrics: ${error.message}`);
      this.#monitorProblem = error.message;
      return undefined;
    }
    change.onUndo(() => monitor.close());
    logger.info('health and metrics', { url: `http://${monitor.host}:${monitor.port}` });
    return monitor;
  }

  async #host(
    prepared: Prepared,
    events: Events | undefined,
    old: Generation | undefined,
    change: Change,
  ): Promise<Host> {
    if (old !== undefined && servesTheSame(old.prepared, prepared)) return old.host;
    const { application, channels, plugins, loaded } = prepared;
    const { logger, metrics, running, stopping } = this.shared;
    const { observer, startMs } = this.options;
    const host = new Host({
      application,
      channels,
      plugins,
      limits: loaded.config.limits,
      logger,
      metrics,
      state: events?.state,
      ...(observer === undefined ? {} : { observer }),
      ...(startMs === undefined ? {} : { startMs }),
    });
    running.hosts.add(host);
    change.onUndo(() => running.endHost(host));
    // A plugin that never starts must not keep the server from stopping.
    await Promise.race([host.start(), stopping]);
    return host;
  }

  async #adapter(prepared: Prepared, host: Host, old: Generation | undefined, change: Change): Promise<EspAdapter> {
    const { running } = this.shared;
    const address = this.espAddress(prepared);
    if (old !== undefined && (await isSameAddress(old.adapter.asked, address))) return old.adapter;
    const adapter = new EspAdapter({ ...portOf(address), ...espSettings(prepared, host), ...this.#ofAdapters });
    await takePort(adapter, address, 'listeners.esp', old?.adapter, change);
    change.onUndo(() => running.endAdapter(adapter, 0));
    running.adapters.add(adapter);
    return adapter;
  }

  async #http(
    prepared: Prepared,
    host: Host,
    old: Generation | undefined,
    change: Change,
  ): Promise<HttpAdapter | undefined> {
    const { logger, running } = this.shared;
    const settings = httpSettings(prepared, host);
    const configured = prepared.loaded.config.listeners.http;
    if (settings === undefined || configured === undefined) return undefined;
    const address = this.options.listenHttp ?? configured;
    if (old?.http !== undefined && (await isSameAddress(old.http.asked, address))) return old.http;
    const http = new HttpAdapter({ ...portOf(address), ...settings, ...this.#ofAdapters });
    await takePort(http, address, 'listeners.http', old?.http, change);
    change.onUndo(() => running.endHttp(http, 0));
    running.httpAdapters.add(http);
    const protocol = settings.tls === undefined ? 'HTTP' : 'HTTP and TLS';
    logger.info(`calls over ${protocol}`, { address: `${http.host}:${http.port}` });
    return http;
  }

  async #webhooks(
    prepared: Prepared,
    events: Events | undefined,
    old: Generation | undefined,
    change: Change,
  ): Promise<WebhookAdapter | undefined> {
    const { logger, running } = this.shared;
    const settings = webhookSettings(prepared);
    const configured = prepared.loaded.config.listeners.webhooks;
    if (settings === undefined || configured === undefined || events === undefined) return undefined;
    const address = this.options.listenWebhooks ?? configured;
    if (old?.webhooks !== undefined && (await isSameAddress(old.webhooks.asked, address))) return old.webhooks;
    const { inbox, outbox, metrics } = events;
    const boxes = { inbox, outbox, metrics };
    const adapter = new WebhookAdapter({ ...portOf(address), ...settings, ...this.#ofAdapters, ...boxes });
    await takePort(adapter, address, 'listeners.webhooks', old?.webhooks, change);
    change.onUndo(() => running.endWebhooks(adapter, 0));
    running.webhookAdapters.add(adapter);
    const protocol = settings.tls === undefined ? 'HTTP' : 'HTTP and TLS';
    logger.info(`webhooks over ${protocol}`, { address: `${adapter.host}:${adapter.port}` });
    return adapter;
  }

  get #ofAdapters() {
    const { logger, metrics, budget, descriptors } = this.shared;
    return { logger, metrics, budget, descriptors };
  }
}

/** Without the other keys of a listener. */
const portOf = ({ host, port }: Address): Address => ({ host, port });

export function espSettings({ loaded, tls }: Prepared, host: Host): EspAdapterSettings {
  const { limits, listeners } = loaded.config;
  return { dispatcher: host.dispatcher, charset: charset(listeners.esp.charset), limits, tls };
}

/** Undefined if the configuration has no HTTP listener. */
export function httpSettings({ application, loaded, httpTls }: Prepared, host: Host): HttpAdapterSettings | undefined {
  const { limits, listeners } = loaded.config;
  if (listeners.http === undefined) return undefined;
  return { name: application.name, dispatcher: host.dispatcher, limits, token: listeners.http.token, tls: httpTls };
}

/** Undefined if the configuration has no listener for webhooks. */
export function webhookSettings({ loaded, webhooksTls }: Prepared): WebhookAdapterSettings | undefined {
  const { limits, listeners } = loaded.config;
  if (listeners.webhooks === undefined) return undefined;
  return { limits, bodyBytes: listeners.webhooks.bodyBytes, tls: webhooksTls };
}
