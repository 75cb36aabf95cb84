import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Secret } from '../../config/index.js';
import { type Metrics, RationedLog, type RootLogger } from '../../telemetry/index.js';
import {
  type BufferBudget,
  type Descriptors,
  Listener,
  type ListenerSettings,
  type ListenerTls,
  scheduleDrain,
} from '../../transport/index.js';
import { BearerToken } from './bearer-token.js';
import type { Connection } from './connection.js';
import { HttpConnectionMetrics } from './connection-metrics.js';
import { Connections } from './connections.js';
import { limitTimes } from './http-server.js';
import type { HttpService } from './http-service.js';

/** What a reload may change without another listener. */
export interface HttpAdapterSettings extends Omit<HttpService, 'bearer'> {
  readonly token: Secret;
  readonly tls?: ListenerTls | undefined;
}

export interface HttpAdapterOptions extends HttpAdapterSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly budget: BufferBudget;
  readonly descriptors: Descriptors;
}

/** Takes calls as JSON over HTTP, for people and for programs that do not speak ESP. */
export class HttpAdapter {
  readonly #log: RationedLog;
  readonly #connections: Connections;
  readonly #measured: HttpConnectionMetrics;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Listener;
  #service: HttpService;
  #server: Server | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: HttpAdapterOptions) {
    const { host, port, logger, metrics, budget, descriptors } = options;
    this.#measured = new HttpConnectionMetrics(metrics);
    this.#log = new RationedLog(logger);
    this.#connections = new Connections(this.#log, budget);
    this.#service = serviceOf(options);
    this.#listener = new Listener(
      { host, port, descriptors, ...listenerSettings(options) },
      {
        connection: (socket) => this.#connect(socket),
        refused: (peer, why, refusal) => {
          this.#measured.refused(refusal);
          this.#log.ofConnection('warn', `HTTP refused: ${refusal}`, peer, `HTTP connection refused: ${why}`);
        },
      },
    );
  }

  /** Takes connections. @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    this.#server ??= await this.#newServer();
    await this.#listener.open();
  }

  /** Gives the port up, until `start` takes it again; connections stay. */
  pause(): void {
    this.#listener.pause();
  }

  /** From now on requests are answered, and connections taken, with this. */
  use(settings: HttpAdapterSettings): void {
    this.#service = serviceOf(settings);
    this.#listener.use(listenerSettings(settings));
    if (this.#server !== undefined) limitTimes(this.#server, settings.limits);
  }

  /** Where it was asked to listen. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.#listener.asked;
  }

  get host(): string {
    return this.#listener.host;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Takes no new connections, ends each with its next reply or when it is quiet, and all of them after `drainMs`. */
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
    // fastify takes a while to load, and a host without this listener shall not wait for it.
    const { createApp } = await import('./app.js');
    const app = createApp({ service: () => this.#service, connections: this.#connections, log: this.#log });
    await app.ready();
    return app.server;
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    this.#measured.opened();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#measured.open.dec();
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

const listenerSettings = ({ limits, tls }: HttpAdapterSettings): ListenerSettings => ({
  connections: limits.connections,
  connectionsPerAddress: limits.connectionsPerAddress,
  handshakeMs: limits.frameMs,
  ...(tls === undefined ? {} : { tls }),
});
