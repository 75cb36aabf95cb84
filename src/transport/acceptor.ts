import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** PEM texts. With `clientCa`, clients need a certificate that one of these authorities has signed. */
export interface ListenerTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa?: string;
  /** Common names or DNS names; the client's certificate must have one of them. */
  readonly clientNames?: readonly string[];
}

/** Why a connection was refused: a limit, TLS and its certificates, or the system. */
export const REFUSALS = ['connections', 'address', 'descriptors', 'tls', 'system'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface ListenerEvents {
  /** A new connection. `tcp` is the socket below TLS, which can be reset; without TLS, it is `socket`. */
  connection(socket: Socket, tcp: Socket): void;
  /** A refused connection: its peer, and the reason for the log. */
  refused(peer: string, why: string, refusal: Refusal): void;
}

/** Turns TCP connections into connections for ESP or HTTP. */
export interface Acceptor {
  accept(socket: Socket): void;
  /** Closes the connections that are still in their handshake. */
  close(): void;
}

/** A TLS server that does not listen: it gets its connections from the listener, which can replace it. */
export function tlsAcceptor(tls: ListenerTls, handshakeMs: number, events: ListenerEvents): Acceptor {
  const handshakes = new Map<string, Socket>();
  const settings: TlsOptions = {
    cert: tls.certificate,
    key: tls.key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  // Not checked by OpenSSL, which would close the connection without saying who was refused and why.
  const server = createServer(settings, (socket) => {
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
export const peerOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;

/** What a failed handshake most likely means. */
function handshakeProblem(error: NodeJS.ErrnoException, handshakeMs: number): string {
  switch (error.code) {
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_HTTPS_PROXY_REQUEST':
      return 'the peer speaks plain HTTP instead of TLS';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'the peer does not speak TLS (most likely plain ESP)';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return `no TLS handshake within ${handshakeMs} ms (limits.frameMs)`;
    case 'ECONNRESET':
      return 'the peer closed the connection during the TLS handshake';
    default:
      return `TLS handshake failed: ${error.code ?? error.message}`;
  }
}

/** Why a client's certificate is not accepted, for the log; undefined if it is. */
function certificateProblem(socket: TLSSocket, allowed: readonly string[] | undefined): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'the client sent no certificate, and tls.clientCa requires one';
  const common = commonNames(socket);
  const who = `the client's certificate (${common.map(printable).join(', ')})`;
  if (!socket.authorized) return `${who} is not signed by tls.clientCa: ${socket.authorizationError}`;
  if (allowed === undefined || allowed.some((name) => hasName(certificate, common, name))) return undefined;
  return `${who} has none of the names in tls.clientNames${dnsNames(certificate)}`;
}

function commonNames(socket: TLSSocket): string[] {
  // A subject may have several, but the types allow one.
  const { CN } = socket.getPeerCertificate().subject as { CN?: string | string[] };
  return CN === undefined ? [] : [CN].flat();
}

/** OpenSSL compares the DNS names: the text of the extension can be forged to look like other names. */
function hasName(certificate: X509Certificate, common: readonly string[], name: string): boolean {
  const options = { subject: 'never', wildcards: false } as const;
  return common.includes(name) || certificate.checkHost(name, options) !== undefined;
}

const dnsNames = ({ subjectAltName }: X509Certificate): string =>
  subjectAltName === undefined ? '' : `; it also has ${printable(subjectAltName)}`;

/** The content of a certificate is not trusted. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e\u00a0-\uffff]/g, '?').slice(0, 200);
