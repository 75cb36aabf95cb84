import type { Socket } from 'node:net';
import { WireError } from '../wire/index.js';
import { ConnectionError } from './errors.js';
import { EspSocket, type EspSocketEvents, type SocketLimits } from './esp-socket.js';
import { type Listener, listen } from './listener.js';

/** Handles one connection of a server. */
export interface EspServerConnection extends Pick<EspSocketEvents, 'body'> {
  /** The server closes and accepts no more replies. What was written before is still sent. */
  closing?(): void;
  /** The connection has closed. */
  closed?(): void;
}

export interface EspServerOptions extends SocketLimits {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Maximum number of connections. */
  readonly connections: number;
  /** Handles a new connection. */
  readonly connection: (socket: EspSocket) => EspServerConnection;
  /** For the log: refused connections, connections that failed, and ADDP frames if a peer requests a trace. */
  readonly log: (level: 'info' | 'warn', text: string, peer: string) => void;
}

/** How long `close` waits for peers to read what was sent to them, in ms. */
const CLOSE_MS = 1000;

/** An ESP server: accepts connections, tracks them, and closes them gracefully. */
export class EspServer {
  readonly #open = new Map<EspSocket, EspServerConnection>();
  #listener!: Listener;
  #closed: Promise<void> | undefined;

  private constructor(private readonly options: EspServerOptions) {}

  /** Listens. @throws the error of `listen`, for instance EADDRINUSE */
  static async start(options: EspServerOptions): Promise<EspServer> {
    const server = new EspServer(options);
    const { host, port, connections, frameMs, log } = options;
    server.#listener = await listen(
      { host, port, connections, handshakeMs: frameMs },
      {
        connection: (socket, tcp) => server.#accept(socket, tcp),
        refused: (peer, why) => log('warn', `connection refused: ${why}`, peer),
      },
    );
    return server;
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Ends each connection once everything written has been sent, and closes those that are left after a second. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = this.#listener.close();
    for (const [socket, connection] of this.#open) {
      connection.closing?.();
      socket.end();
    }
    setTimeout(() => {
      for (const { socket } of this.#open.keys()) socket.destroy();
    }, CLOSE_MS).unref();
    await closed;
  }

  #accept(tls: Socket, tcp: Socket): void {
    const { connection: take, log } = this.options;
    const socket: EspSocket = new EspSocket(
      tls,
      this.options,
      {
        body: (bytes, start, end) => connection.body(bytes, start, end),
        closed: (problem) => {
          this.#open.delete(socket);
          if (problem !== undefined)
            log(levelOf(problem), `connection closed: ${socket.describe(problem)}`, socket.peer);
          connection.closed?.();
        },
        trace: (text) => log('info', text, socket.peer),
      },
      tcp,
    );
    const connection = take(socket);
    this.#open.set(socket, connection);
  }
}

/** A peer that breaks the format or stalls is worth a warning; one that disconnects is not. */
const levelOf = (problem: Error): 'info' | 'warn' =>
  problem instanceof WireError || problem instanceof ConnectionError ? 'warn' : 'info';
