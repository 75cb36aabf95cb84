import type { Socket } from 'node:net';
import type { Logger } from 'esp-host';
import { type ClientTls, connect } from 'esp-host/client';
import { createLogger } from 'esp-host/server';
import { type Charset, charset, type Listener, type ListenerTls, listen } from 'esp-host/wire';
import { type Address, addressText } from '../configuration/index.js';
import type { Interference, RelayObserver } from './hooks.js';
import { Peer } from './peer.js';
import { RelayConnection } from './relay-connection.js';

/** How connections are relayed from the time on that they are taken. */
export interface RelaySettings {
  /** Clients speak TLS to the relay. */
  readonly tls?: ListenerTls | undefined;
  readonly observer: RelayObserver;
  readonly interference?: Interference | undefined;
}

/** Options of {@link startRelay}. */
export interface RelayOptions extends RelaySettings {
  /** Port 0 takes any free port. */
  readonly listen: Address;
  /** The server; asked for each connection. */
  readonly to: () => Address;
  /** The relay speaks TLS to the server. */
  readonly toTls?: ClientTls | undefined;
  /** Of type 0 strings and keys, to read requests with; default UTF-8. */
  readonly charset?: Charset | undefined;
  /** Default: warnings go to stderr. */
  readonly logger?: Logger | undefined;
}

/** A running relay. */
export interface Relay {
  readonly host: string;
  readonly port: number;
  /** For the connections that come from now on; those that are open stay as they are. */
  use(settings: RelaySettings): void;
  /** Gives the port up, until `start` takes it again. */
  pause(): void;
  /** @throws the error of `listen` */
  start(): Promise<void>;
  /** From now on it takes no new connections; those that are open stay. */
  stopListening(): Promise<void>;
  /** Waits a moment for the connections to end by themselves, and breaks the others off. */
  close(): Promise<void>;
}

const HANDSHAKE_MS = 10_000;
const CONNECT_MS = 5000;

/** Many: the server's own limit is the one that counts. */
const CONNECTIONS = 100_000;

/** How long connections may take to end by themselves. */
const CLOSE_MS = 1000;

/**
 * Takes ESP clients and opens a connection to the server for each. Every byte passes untouched and in order, a FIN or
 * RST as such, unless `interference` has it otherwise. @throws the error of `listen`, for instance EADDRINUSE
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const relay = relayOf(options);
  await relay.start();
  return relay;
}

/** The same, before its start. */
export const relayOf = (options: RelayOptions): Relay => new RunningRelay(options);

class RunningRelay implements Relay {
  readonly #logger: Logger;
  readonly #charset: Charset;
  /** What breaks each connection off, from when it is taken. */
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
    for (const breakOff of this.#open) breakOff();
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

  /** The client is not read from until there is a server to hand its bytes to. */
  async #accept(client: Peer): Promise<void> {
    const settings = this.#settings;
    const breakOff = (): void => void client.socket.destroy();
    const forget = (): void => this.#forget(breakOff);
    this.#open.add(breakOff);
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
    this.#open.delete(breakOff);
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

  #forget(breakOff: () => void): void {
    this.#open.delete(breakOff);
    if (this.#open.size === 0) this.#emptied?.();
  }
}

const listenerSettings = ({ tls }: RelaySettings) => ({
  connections: CONNECTIONS,
  handshakeMs: HANDSHAKE_MS,
  ...(tls === undefined ? {} : { tls }),
});
