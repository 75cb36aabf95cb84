import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** PEM texts. With `clientCa` a client must bring a certificate that one of these authorities signed. */
export interface ListenerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: ListenerTls;
  /** Most connections at one time. */
  readonly connections: number;
  /** How long a TLS handshake may take, in ms. */
  readonly handshakeMs: number;
}

export interface ListenerEvents {
  /** `tcp` is what lies below TLS, for who must reset a connection; without TLS the same as `socket`. */
  connection(socket: Socket, tcp: Socket): void;
  /** A connection that came to nothing, with its peer and why: for the log. */
  refused(peer: string, why: string): void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Takes no new connections; those that are open stay. */
  close(): Promise<void>;
}

/** Listens for TCP or TLS connections. @throws the error of `listen`, for instance EADDRINUSE */
export async function listen(options: ListenerOptions, events: ListenerEvents): Promise<Listener> {
  const server = options.tls === undefined ? tcpServer(events) : tlsServer(options, options.tls, events);
  server.maxConnections = options.connections;
  server.on('drop', (drop) => {
    events.refused(peerOf(drop ?? {}), `${options.connections} connections are open (limits.connections)`);
  });
  const port = await bind(server, options);
  return {
    host: options.host,
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function bind(server: Server, options: ListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : options.port);
    });
  });
}

const tcpServer = (events: ListenerEvents): Server => createServer((socket) => events.connection(socket, socket));

function tlsServer(options: ListenerOptions, tls: ListenerTls, events: ListenerEvents): Server {
  const settings: TlsOptions = {
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: options.handshakeMs,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  // The check stands here and not in OpenSSL, which would break off before anybody could say who was refused and why.
  const server = createTlsServer(settings, (socket) => {
    if (tls.clientCa === undefined || socket.authorized) {
      events.connection(socket, below.get(peerOf(socket)) ?? socket);
      return;
    }
    events.refused(peerOf(socket), certificateProblem(socket));
    socket.destroy();
  });
  const below = new Map<string, Socket>();
  server.on('connection', (tcp: Socket) => {
    const peer = peerOf(tcp);
    below.set(peer, tcp);
    tcp.once('close', () => {
      if (below.get(peer) === tcp) below.delete(peer);
    });
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    events.refused(peerOf(socket), handshakeProblem(error, options.handshakeMs));
    socket.destroy();
  });
  return server;
}

const peerOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;

function certificateProblem(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined) return 'the client brought no certificate, and tls.clientCa demands one';
  return `the client's certificate (${subject.CN}) is not of tls.clientCa: ${socket.authorizationError}`;
}

/** OpenSSL's word for what a failed handshake most likely means here. */
function handshakeProblem(error: NodeJS.ErrnoException, handshakeMs: number): string {
  switch (error.code) {
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_HTTPS_PROXY_REQUEST':
      return 'the peer speaks HTTP, and this port ESP over TLS';
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
