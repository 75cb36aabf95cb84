import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ConnectError } from './errors.js';

/** TLS 1.2 or later. `ca`, `certificate` and `key` are PEM texts. */
export interface ClientTls {
  /** Of the authorities that the client trusts. @default those that Node trusts */
  readonly ca?: string;
  /** Of this client, for a server that requires one, and its private key. @default none */
  readonly certificate?: string;
  readonly key?: string;
  /** The name in the server's certificate. @default `host` */
  readonly servername?: string;
}

/** Where to connect, and how. */
export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ClientTls;
  readonly connectTimeoutMs: number;
}

/** Opens a TCP or TLS connection. @throws ConnectError */
export function connect(options: ConnectOptions): Promise<Socket> {
  const address = `${options.host}:${options.port}`;
  return new Promise((resolve, reject) => {
    const socket = options.tls === undefined ? connectTcp(options) : connectTls(tlsOptions(options, options.tls));
    const failed = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectError(address, whyFailed(error), { cause: error }));
    };
    const timer = setTimeout(
      () => failed(new Error(`timed out after ${options.connectTimeoutMs} ms`)),
      options.connectTimeoutMs,
    );
    socket.once('error', failed);
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

function tlsOptions(options: ConnectOptions, tls: ClientTls): ConnectionOptions {
  const { ca, certificate, key, servername } = tls;
  return {
    host: options.host,
    port: options.port,
    minVersion: 'TLSv1.2',
    ca,
    cert: certificate,
    key,
    servername,
  };
}

/** Why a connection could not be opened, in words for an operator. */
export function whyFailed(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
      return 'unknown host';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the server does not speak TLS';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `its certificate is not signed by a trusted authority (${error.code})`;
    default:
      return error.message;
  }
}
