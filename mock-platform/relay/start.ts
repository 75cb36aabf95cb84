import type { Socket } from 'node:net';
import type { Logger } from 'esp-host';
import { createLogger } from '#server';
import { type Charset, type ClientTls, charset, connect, type Listener, type ListenerTls, listen } from '#wire';
import { type Address, addressText } from '../configuration/index.js';
import type { Interference, RelayObserver } from './hooks.js';
import { Peer } from './peer.js';
import { RelayConnection } from './relay-connection.js';

/** Settings of new connections. */
export interface RelaySettings {
  /** TLS towards the clients. */
  readonly tls?: ListenerTls | undefined;
  readonly observer: RelayObserver;
  readonly interference?: Interference | undefined;
}

/** Options of {@link startRelay}. */
export interface RelayOptions extends RelaySettings {
  /** Port 0 takes any free port. */
  readonly listen: Address;
  /** The address of the server; called for each connection. */
  readonly to: () => Address;
  /** TLS towards the server. */
  readonly toTls?: ClientTls | undefined;
  /** Charset of type 0 strings and keys; default UTF-8. */
  readonly charset?: Charset | undefined;
  /** By default, warnings are written to stderr. */
  readonly logger?: Logger | undefined;
}

/** A running relay. */
export interface Relay {
  readonly host: string;
  readonly port: number;
  /** Changes the settings of new connections; open connections keep theirs. */
  use(settings: RelaySettings): void;
  /** Releases the port until the next `start`. */
  pause(): void;
  /** Listens on the port. @throws the error of `listen` */
  start(): Promise<void>;
  /** Stops accepting connections; open connections stay open. */
  stopListening(): Promise<void>;
  /** Gives open connections a second to end, then destroys them. */
  close(): Promise<void>;
}

const HANDSHAKE_MS = 10_000;
const CONNECT_MS = 5000;

/** High, so that the server's own limit applies. */
const CONNECTIONS = 100_000;

/** How long `close` waits for connections to end. */
const CLOSE_MS = 1000;

/**
 * Starts a relay, which opens a connection to the server for each client. It forwards all bytes unchanged and in order,
 * and FIN and RST as such, unless `interference` decides otherwise. @throws the error of `listen`, such as EADDRINUSE
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const relay = relayOf(options);
  await relay.start();
  return relay;
}

/** Creates a relay that is not started yet. */
export const relayOf = (options: RelayOptions): Relay => new RunningRelay(options);

class RunningRelay implements Relay {
  readonly #logger: Logger;
  readonly #charset: Charset;
  /** Functions that destroy the open connections, including those that still connect to the server. */
  readonly #open = new Set<() => void>();
  #listener: Listener | undefined;
  #stopped: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #emptied: (() => void) | undefined;
  #settings: RelaySettings;
  #last = 0;

  constructor(private readonly options: RelayOptions) {
    this.#logger = options.logger ?? createLogger({ level: 'warn', format: 'text' });
    this.#charset = options.charset ?? charset();
    this.#settings = options;
  }

  get host(): string {
    return this.options.listen.host;
  }

  get port(): number {
    return this.#listener?.port ?? this.options.listen.port;
  }

  async start(): Promise<void> {
    if (this.#listener !== undefined) return this.#listener.open();
    this.#listener = await listen(
      { ...this.options.listen, ...listenerSettings(this.#settings) },
      {
        connection: (socket, tcp) => void this.#accept(new Peer(socket, tcp)),
        refused: (peer, why) => this.#logger.warn(`connection refused: ${why}`, { client: peer }),
      },
    );
  }

  pause(): void {
    this.#listener?.pause();
  }

  use(settings: RelaySettings): void {
    this.#settings = settings;
    this.#listener?.use(listenerSettings(settings));
  }

  stopListening(): Promise<void> {
    this.#stopped ??= this.#listener?.close() ?? Promise.resolve();
    return this.#stopped;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const stopped = this.stopListening();
    await this.#empty();
    for (const abort of this.#open) abort();
    await stopped;
  }

  #empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      this.#emptied = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Does not read from the client until the server is connected. */
  async #accept(client: Peer): Promise<void> {
    const settings = this.#settings;
    const abort = (): void => void client.socket.destroy();
    const forget = (): void => this.#forget(abort);
    this.#open.add(abort);
    client.socket.on('error', () => undefined);
    client.socket.on('close', forget);
    const server = await this.#connect(client);
    if (server === undefined) return;
    client.socket.off('close', forget);
    const { observer, interference } = settings;
    const connection = new RelayConnection(
      ++this.#last,
      client,
      server,
      { observer, interference, charset: this.#charset },
      () => this.#forget(destroy),
    );
    const destroy = (): void => connection.destroy();
    this.#open.add(destroy);
    this.#open.delete(abort);
    observer.opened?.(connection);
  }

  async #connect(client: Peer): Promise<Peer | undefined> {
    const { to, toTls } = this.options;
    const tls = toTls === undefined ? {} : { tls: toTls };
    try {
      const socket: Socket = await connect({ ...to(), ...tls, connectTimeoutMs: CONNECT_MS });
      if (!client.socket.destroyed) return new Peer(socket);
      socket.destroy();
    } catch (error) {
      const why = `connection closed: ${(error as Error).message}`;
      this.#logger.warn(why, { client: client.address, address: addressText(this.options.listen) });
      client.reset();
    }
    return undefined;
  }

  #forget(abort: () => void): void {
    this.#open.delete(abort);
    if (this.#open.size === 0) this.#emptied?.();
  }
}

const listenerSettings = ({ tls }: RelaySettings) => ({
  connections: CONNECTIONS,
  handshakeMs: HANDSHAKE_MS,
  ...(tls === undefined ? {} : { tls }),
});
