import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Secret } from '../../config/index.js';
import {
  type LabelledCounter,
  type LabelledGauge,
  type Metrics,
  RationedLog,
  type RootLogger,
} from '../../telemetry/index.js';
import {
  type BufferBudget,
  type Descriptors,
  Listener,
  type ListenerTls,
  listenerSettings,
  REFUSALS,
  type Refusal,
  scheduleDrain,
} from '../../transport/index.js';
import { type Connection, Connections } from './connections.js';
import { setTimeouts } from './server.js';
import { BearerToken, type HttpService } from './service.js';

/** What a reload can change without a new listener. */
export interface HttpAdapterSettings extends Omit<HttpService, 'bearer'> {
  readonly token: Secret;
  readonly tls?: ListenerTls | undefined;
}

export interface HttpAdapterOptions extends HttpAdapterSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
}

/** Accepts calls as JSON over HTTP, for people and for programs that do not speak ESP. */
export class HttpAdapter {
  readonly #log: RationedLog;
  readonly #connections: Connections;
  readonly #connectionMetrics: HttpConnectionMetrics;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Listener;
  #service: HttpService;
  #server: Server | undefined;
  /** Called when the last connection has closed. */
  #emptied: (() => void) | undefined;

  constructor(options: HttpAdapterOptions) {
    const { host, port, logger, metrics, budget, descriptors } = options;
    this.#connectionMetrics = new HttpConnectionMetrics(metrics);
    this.#log = new RationedLog(logger);
    this.#connections = new Connections(this.#log, budget);
    this.#service = serviceOf(options);
    this.#listener = new Listener(
      { host, port, descriptors, ...listenerSettings(options) },
      {
        connection: (socket) => this.#connect(socket),
        refused: (peer, why, refusal) => {
          this.#connectionMetrics.refused(refusal);
          this.#log.ofConnection('warn', `HTTP refused: ${refusal}`, peer, `HTTP connection refused: ${why}`);
        },
      },
    );
  }

  /** Starts to listen. @throws the error of `listen`, for example EADDRINUSE */
  async start(): Promise<void> {
    this.#server ??= await this.#newServer();
    await this.#listener.open();
  }

  /** Closes the port until `start` opens it again. Connections stay open. */
  pause(): void {
    this.#listener.pause();
  }

  /** Uses these settings for new connections and further requests. */
  use(settings: HttpAdapterSettings): void {
    this.#service = serviceOf(settings);
    this.#listener.use(listenerSettings(settings));
    if (this.#server !== undefined) setTimeouts(this.#server, settings.limits);
  }

  /** The configured address: its port may be 0. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.#listener.asked;
  }

  get host(): string {
    return this.#listener.host;
  }

  /** The port on which it listens. */
  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Accepts no more connections, ends open ones with their next reply or when quiet, and all after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    const closed = this.#listener.close();
    this.#connections.draining = true;
    const each = (step: (connection: Connection) => void): void => {
      for (const socket of this.#sockets) step(this.#connections.of(socket));
    };
    each((connection) => connection.endWhenQuiet());
    const stop = scheduleDrain(drainMs, {
      turnAway: () => each((connection) => connection.turnAway()),
      destroy: () => {
        for (const socket of this.#sockets) socket.destroy();
      },
    });
    await this.#empty();
    stop();
    this.#server?.close();
    await closed;
    this.#log.close();
  }

  #empty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  async #newServer(): Promise<Server> {
    // fastify loads slowly: a host without this listener must not wait for it.
    const { createApp } = await import('./app.js');
    const app = createApp({ service: () => this.#service, connections: this.#connections, log: this.#log });
    await app.ready();
    return app.server;
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    this.#connectionMetrics.opened();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#connectionMetrics.open.dec();
      if (this.#sockets.size === 0) this.#emptied?.();
    });
    this.#server?.emit('connection', socket);
  }
}

const serviceOf = ({ name, dispatcher, limits, token }: HttpAdapterSettings): HttpService => ({
  name,
  dispatcher,
  limits,
  bearer: new BearerToken(token),
});

/** Metrics of HTTP connections. Their calls count as ESP requests. */
class HttpConnectionMetrics {
  readonly open: LabelledGauge;
  readonly #accepted: LabelledCounter;

  constructor(private readonly metrics: Metrics) {
    this.open = metrics.gauge('esp_http_connections', 'Open HTTP connections');
    this.#accepted = metrics.counter('esp_http_connections_accepted_total', 'HTTP connections accepted');
    for (const reason of REFUSALS) this.#refused(reason);
  }

  refused(reason: Refusal): void {
    this.#refused(reason).inc();
  }

  opened(): void {
    this.open.inc();
    this.#accepted.inc();
  }

  #refused(reason: Refusal): LabelledCounter {
    const help =
      'HTTP connections refused, by reason: the limit that was reached, tls (handshake or certificate), or system';
    return this.metrics.counter('esp_http_connections_refused_total', help, { reason });
  }
}
