import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { addressGroup } from './buffer-budget.js';
import { certificateProblem } from './client-certificate.js';
import type { Descriptors } from './descriptors.js';
import { ConnectionProblem } from './esp-socket.js';

/** PEM texts. With `clientCa` a client must bring a certificate that one of these authorities signed. */
export interface ListenerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
  /** Names (common name, or DNS name) of which the client's certificate must have one. */
  readonly clientNames?: readonly string[];
}

/** How connections are taken. */
export interface ListenerSettings {
  readonly tls?: ListenerTls;
  /** Most connections at one time. */
  readonly connections: number;
  /** Most of them from one address: half of them, unless given. */
  readonly connectionsPerAddress?: number | undefined;
  /** How long a TLS handshake may take, in ms. */
  readonly handshakeMs: number;
}

export interface ListenerOptions extends ListenerSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Of the process, where listeners share what it has. */
  readonly descriptors?: Descriptors;
}

/** What stood in the way of a connection: a limit, TLS with its certificates, or the system. */
export const REFUSALS = ['connections', 'address', 'descriptors', 'tls', 'system'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface ListenerEvents {
  /** `tcp` is what lies below TLS, for who must reset a connection; without TLS the same as `socket`. */
  connection(socket: Socket, tcp: Socket): void;
  /** A connection that came to nothing, with its peer and why: for the log. */
  refused(peer: string, why: string, refusal: Refusal): void;
}

const MADE_ROOM = 'nothing had come over it when limits.connections was reached and a new client came';

/** Listens for TCP or TLS connections. @throws the error of `listen`, for instance EADDRINUSE */
export async function listen(options: ListenerOptions, events: ListenerEvents): Promise<Listener> {
  const listener = new Listener(options, events);
  await listener.open();
  return listener;
}

/** A port that connections come in by. Those that are open stay, whatever happens to it. */
export class Listener {
  readonly #server: Server;
  /** How many connections are open, by client address; an IPv6 client has a network of them. */
  readonly #open = new Map<string, number>();
  /** In the order in which they came; one over which something came is taken out when that is noticed. */
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
    // Of a port that it listens on already: a connection could not be taken, for want of file descriptors most likely.
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
    socket.once('close', () => this.#left(address, socket));
    this.#acceptor.accept(socket);
  }

  #refusal(openOfAddress: number): [why: string, refusal: Refusal] | undefined {
    const { connections, connectionsPerAddress: most = Math.ceil(connections / 2) } = this.#settings;
    if (most < connections && openOfAddress >= most) {
      return [`${most} connections of this address are open (limits.connectionsPerAddress)`, 'address'];
    }
    if (this.#connections >= connections && !this.#makeRoom()) {
      return [`${connections} connections are open (limits.connections)`, 'connections'];
    }
    const { descriptors } = this.options;
    if (descriptors === undefined || descriptors.take()) return undefined;
    const { limit, reserved } = descriptors;
    const why = `of the ${limit} files that the process may open (ulimit -n), ${reserved} are kept free for health, upstreams and the log`;
    return [why, 'descriptors'];
  }

  /** Ends the connection that has been silent the longest. @returns whether there was one */
  #makeRoom(): boolean {
    for (const socket of this.#silent) {
      this.#silent.delete(socket);
      if (socket.bytesRead > 0 || socket.destroyed) continue;
      socket.destroy(new ConnectionProblem('first_request_timeout', MADE_ROOM));
      return true;
    }
    return false;
  }

  #left(address: string, socket: Socket): void {
    this.#connections--;
    this.#silent.delete(socket);
    const open = (this.#open.get(address) ?? 1) - 1;
    if (open === 0) this.#open.delete(address);
    else this.#open.set(address, open);
    this.options.descriptors?.giveBack();
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#port;
  }

  /** Where it was asked to listen. */
  get asked(): { readonly host: string; readonly port: number } {
    return this.options;
  }

  /** @throws the error of `listen` */
  async open(): Promise<void> {
    this.#server.listen(this.#port, this.options.host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections are taken in this way: new certificates count for new handshakes. */
  use(settings: ListenerSettings): void {
    this.#settings = settings;
    this.#acceptor = acceptor(settings, this.events);
  }

  /** Gives the port up; `open` takes it again. */
  pause(): void {
    this.#server.close();
  }

  /** Takes no new connections, also of those that are in their handshake; resolves when the last one has ended. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#acceptor.close();
    return closed;
  }
}

/** Makes of a TCP connection what ESP is spoken over. */
interface Acceptor {
  accept(socket: Socket): void;
  close(): void;
}

function acceptor(settings: ListenerSettings, events: ListenerEvents): Acceptor {
  const { tls } = settings;
  return tls === undefined
    ? { accept: (socket) => events.connection(socket, socket), close: () => undefined }
    : tlsAcceptor(tls, settings.handshakeMs, events);
}

/** A TLS server that does not listen: it is given its connections, so that another one can take its place. */
function tlsAcceptor(tls: ListenerTls, handshakeMs: number, events: ListenerEvents): Acceptor {
  const handshakes = new Map<string, Socket>();
  const settings: TlsOptions = {
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  // The check stands here and not in OpenSSL, which would break off before anybody could say who was refused and why.
  const server = createTlsServer(settings, (socket) => {
    const below = handshakes.get(peerOf(socket)) ?? socket;
    handshakes.delete(peerOf(socket));
    const problem = tls.clientCa === undefined ? undefined : certificateProblem(socket, tls.clientNames);
    if (problem === undefined) {
      events.connection(socket, below);
      return;
    }
    events.refused(peerOf(socket), problem, 'tls');
    socket.destroy();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    events.refused(peerOf(socket), handshakeProblem(error, handshakeMs), 'tls');
    socket.destroy();
  });
  return {
    accept(socket) {
      const peer = peerOf(socket);
      handshakes.set(peer, socket);
      socket.once('close', () => handshakes.delete(peer));
      server.emit('connection', socket);
    },
    close() {
      for (const socket of handshakes.values()) socket.destroy();
    },
  };
}

/** `127.0.0.1:50123`, for logs. */
const peerOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;

/** OpenSSL's word for what a failed handshake most likely means here. */
function handshakeProblem(error: NodeJS.ErrnoException, handshakeMs: number): string {
  switch (error.code) {
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_HTTPS_PROXY_REQUEST':
      return 'the peer speaks plain HTTP, and this port TLS';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'the peer does not speak TLS (plain ESP, most likely), and this port does';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return `no TLS handshake within ${handshakeMs} ms (limits.frameMs)`;
    case 'ECONNRESET':
      return 'the peer closed the connection during the TLS handshake';
    default:
      return `TLS handshake failed: ${error.code ?? error.message}`;
  }
}
