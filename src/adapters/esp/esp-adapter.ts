import type { Socket } from 'node:net';
import { type Listener, type ListenerTls, listen } from '../../transport/index.js';
import { ReplyWriter } from '../../wire/index.js';
import { type ConnectionLimits, type ConnectionOptions, EspConnection } from './connection.js';

export interface EspAdapterOptions extends ConnectionOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: ListenerTls;
  readonly limits: ConnectionLimits & { readonly connections: number };
}

/** The real host adapter: takes ESP clients over TCP or TLS and gives their requests to the dispatcher. */
export class EspAdapter {
  readonly #connections = new Set<EspConnection>();
  readonly #replies: ReplyWriter;
  #listener: Listener | undefined;
  #emptied: (() => void) | undefined;

  constructor(private readonly options: EspAdapterOptions) {
    this.#replies = new ReplyWriter(options.charset);
  }

  /** @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    const { host, port, tls, limits, logger } = this.options;
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
        refused: (peer, why) => logger.warn(`connection refused: ${why}`, { client: peer }),
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
    await this.#empty(drainMs);
    for (const connection of this.#connections) connection.destroy(new Error(`not idle within ${drainMs} ms`));
    await Promise.all([closed, this.#empty()]);
  }

  /** Resolves when no connection is left, or when the time has passed. */
  #empty(withinMs?: number): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
      this.#emptied = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #connect(socket: Socket): void {
    const connection = new EspConnection(socket, this.options, this.#replies, () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#emptied?.();
    });
    this.#connections.add(connection);
  }
}
