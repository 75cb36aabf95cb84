import type { Socket } from 'node:net';
import type { Metrics } from '../../telemetry/index.js';
import { ConnectionProblem, type Listener, type ListenerTls, listen } from '../../transport/index.js';
import { type ConnectionLimits, type ConnectionOptions, EspConnection } from './connection.js';
import { ConnectionMetrics } from './connection-metrics.js';

export interface EspAdapterOptions extends ConnectionOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: ListenerTls;
  readonly limits: ConnectionLimits & { readonly connections: number };
  readonly metrics: Metrics;
}

/** The real host adapter: takes ESP clients over TCP or TLS and gives their requests to the dispatcher. */
export class EspAdapter {
  readonly #connections = new Set<EspConnection>();
  readonly #metrics: Metrics;
  readonly #measured: ConnectionMetrics;
  #listener: Listener | undefined;
  #emptied: (() => void) | undefined;

  constructor(private readonly options: EspAdapterOptions) {
    this.#metrics = options.metrics.scope();
    this.#measured = new ConnectionMetrics(this.#metrics, this.#connections);
  }

  /** @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    const { host, port, tls, limits } = this.options;
    this.#listener = await listen(
      {
        host,
        port,
        connections: limits.connections,
        handshakeMs: limits.frameMs,
        ...(tls === undefined ? {} : { tls }),
      },
      {
        connection: (socket) => this.#connect(socket),
        refused: (peer, why) => this.#refused(peer, why),
      },
    );
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener?.port ?? this.options.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Takes no new connections, lets each end when it is idle, and closes those that are not after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    const closed = this.#listener?.close();
    for (const connection of this.#connections) connection.drain();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy(notIdle(drainMs));
    }, drainMs);
    await this.#empty();
    clearTimeout(timer);
    await closed;
    this.#metrics.close();
  }

  #empty(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied = resolve;
    });
  }

  #connect(socket: Socket): void {
    const connection = new EspConnection(socket, this.options, (problem) => {
      this.#connections.delete(connection);
      this.#measured.closed(connection, problem);
      if (this.#connections.size === 0) this.#emptied?.();
    });
    this.#connections.add(connection);
    this.#measured.opened();
  }

  #refused(peer: string, why: string): void {
    this.#measured.refused();
    this.options.logger.warn(`connection refused: ${why}`, { client: peer });
  }
}

const notIdle = (drainMs: number): Error =>
  new ConnectionProblem('drain_timeout', `not idle within ${drainMs} ms (limits.drainMs)`);
