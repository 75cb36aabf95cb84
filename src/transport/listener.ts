import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Acceptor, type ListenerEvents, type ListenerTls, peerOf, type Refusal, tlsAcceptor } from './acceptor.js';
import { addressGroup } from './buffer-budget.js';
import type { Descriptors } from './descriptors.js';
import { ConnectionError } from './errors.js';

/** How a listener accepts connections. */
export interface ListenerSettings {
  readonly tls?: ListenerTls;
  /** Maximum number of connections. */
  readonly connections: number;
  /** Maximum number of connections from one address. @default half of `connections` */
  readonly connectionsPerAddress?: number | undefined;
  /** How long a TLS handshake may take, in ms. */
  readonly handshakeMs: number;
}

export interface ListenerOptions extends ListenerSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The file descriptors of the process, which its listeners share. */
  readonly descriptors?: Descriptors;
}

/** The settings of a listener, from the configuration of an adapter. */
export const listenerSettings = ({
  limits,
  tls,
}: {
  readonly limits: Pick<ListenerSettings, 'connections' | 'connectionsPerAddress'> & { readonly frameMs: number };
  readonly tls?: ListenerTls | undefined;
}): ListenerSettings => ({
  connections: limits.connections,
  connectionsPerAddress: limits.connectionsPerAddress,
  handshakeMs: limits.frameMs,
  ...(tls === undefined ? {} : { tls }),
});

const MADE_ROOM = 'it had sent nothing when limits.connections was reached and a new client connected';

/** Listens for TCP or TLS connections. @throws the error of `listen`, for instance EADDRINUSE */
export async function listen(options: ListenerOptions, events: ListenerEvents): Promise<Listener> {
  const listener = new Listener(options, events);
  await listener.open();
  return listener;
}

/** A port that accepts connections. Whatever happens to it, open connections stay open. */
export class Listener {
  readonly #server: Server;
  /** The number of open connections by client address; an IPv6 client has a network of addresses. */
  readonly #open = new Map<string, number>();
  /** Connections that may have received nothing, oldest first. Others are removed when they are noticed. */
  readonly #silent = new Set<Socket>();
  #connections = 0;
  #settings: ListenerSettings;
  #acceptor: Acceptor;
  #port: number;

  constructor(
    private readonly options: ListenerOptions,
    private readonly events: ListenerEvents,
  ) {
    this.#port = options.port;
    this.#settings = options;
    this.#acceptor = acceptor(options, events);
    this.#server = createServer((socket) => this.#accept(socket));
    // While it listens: a connection could not be accepted, most likely because file descriptors have run out.
    this.#server.on('error', (error) => {
      if (this.#server.listening) events.refused('unknown:0', error.message, 'system');
    });
  }

  #accept(socket: Socket): void {
    const address = addressGroup(socket.remoteAddress ?? 'unknown');
    const open = this.#open.get(address) ?? 0;
    const refusal = this.#refusal(open);
    if (refusal !== undefined) {
      this.events.refused(peerOf(socket), ...refusal);
      socket.destroy();
      return;
    }
    this.#open.set(address, open + 1);
    this.#connections++;
    this.#silent.add(socket);
    socket.once('close', () => this.#closed(address, socket));
    this.#acceptor.accept(socket);
  }

  #refusal(openOfAddress: number): [why: string, refusal: Refusal] | undefined {
    const { connections, connectionsPerAddress = Math.ceil(connections / 2) } = this.#settings;
    if (connectionsPerAddress < connections && openOfAddress >= connectionsPerAddress) {
      const why = `this address has ${connectionsPerAddress} open connections (limits.connectionsPerAddress)`;
      return [why, 'address'];
    }
    if (this.#connections >= connections && !this.#makeRoom()) {
      return [`${connections} connections are open (limits.connections)`, 'connections'];
    }
    const { descriptors } = this.options;
    if (descriptors === undefined || descriptors.take()) return undefined;
    const { limit, reserved } = descriptors;
    const why = `${reserved} of the ${limit} file descriptors (ulimit -n) are reserved for health, upstreams and the log`;
    return [why, 'descriptors'];
  }

  /** Closes the connection that has been silent the longest. @returns false if there is none */
  #makeRoom(): boolean {
    for (const socket of this.#silent) {
      this.#silent.delete(socket);
      if (socket.bytesRead > 0 || socket.destroyed) continue;
      socket.destroy(new ConnectionError('first_request_timeout', MADE_ROOM));
      return true;
    }
    return false;
  }

  #closed(address: string, socket: Socket): void {
    this.#connections--;
    this.#silent.delete(socket);
    const open = (this.#open.get(address) ?? 1) - 1;
    if (open === 0) this.#open.delete(address);
    else this.#open.set(address, open);
    this.options.descriptors?.release();
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#port;
  }

  /** The configured address: its port may be 0. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.options;
  }

  /** @throws the error of `listen` */
  async open(): Promise<void> {
    this.#server.listen(this.#port, this.options.host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Uses these settings for new connections: new certificates apply to new handshakes. */
  use(settings: ListenerSettings): void {
    this.#settings = settings;
    this.#acceptor = acceptor(settings, this.events);
  }

  /** Closes the port; `open` opens it again. */
  pause(): void {
    this.#server.close();
  }

  /** Accepts no more connections, and drops those in their handshake. Resolves when the last connection has closed. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#acceptor.close();
    return closed;
  }
}

const plainAcceptor = (events: ListenerEvents): Acceptor => ({
  accept: (socket) => events.connection(socket, socket),
  close: () => undefined,
});

function acceptor({ tls, handshakeMs }: ListenerSettings, events: ListenerEvents): Acceptor {
  return tls === undefined ? plainAcceptor(events) : tlsAcceptor(tls, handshakeMs, events);
}
