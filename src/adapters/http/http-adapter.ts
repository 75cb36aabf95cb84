import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { App, AppOptions } from './app.js';
import { Connections } from './connections.js';

export interface HttpAdapterOptions extends Omit<AppOptions, 'connections'> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Takes calls as JSON over HTTP, for people and for programs that do not speak ESP. */
export class HttpAdapter {
  readonly #connections: Connections;
  /** Those below TLS, with those whose handshake is not done. */
  readonly #sockets = new Set<Socket>();
  #server: App['server'] | undefined;

  constructor(private readonly options: HttpAdapterOptions) {
    this.#connections = new Connections(options.dispatcher, options.logger);
  }

  /** @throws the error of `listen`, for instance EADDRINUSE */
  async start(): Promise<void> {
    // fastify takes a while to load, and a host without this listener shall not wait for it.
    const { createApp } = await import('./app.js');
    const app = createApp({ ...this.options, connections: this.#connections });
    await app.ready();
    app.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    app.server.listen(this.options.port, this.options.host);
    await once(app.server, 'listening');
    this.#server = app.server;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? this.options.port;
  }

  /**
   * For a dispatcher that is stopping, and answers so. Each connection ends with its next reply; the listener closes
   * when all is answered and nothing comes any more, and at `drainMs` as things are.
   */
  async drain(drainMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    await this.#connections.drained(drainMs);
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
