import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { RootLogger } from '../../telemetry/index.js';
import type { ListenerTls } from '../../transport/index.js';

export interface ServerLimits {
  readonly connections: number;
  /** How long a request may stay unfinished, and a client may leave its reply unread. */
  readonly frameMs: number;
  readonly deadlineMs: number;
}

/** HTTP, or HTTPS where there is TLS; nothing listens yet. Connections that come to nothing leave a line. */
export function newServer(
  handler: RequestListener,
  limits: ServerLimits,
  tls: ListenerTls | undefined,
  logger: RootLogger,
): Server {
  // How often Node looks for requests that take too long.
  const settings = { connectionsCheckingInterval: Math.min(limits.frameMs, 1000) };
  const server =
    tls === undefined
      ? createServer(settings, handler)
      : createHttpsServer({ ...settings, ...tlsOptions(tls, limits) }, handler);
  server.requestTimeout = limits.frameMs;
  server.headersTimeout = limits.frameMs;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  closeSilent(server, limits, logger);
  server.maxConnections = limits.connections;
  logRefused(server, limits, logger);
  return server;
}

const KEEP_ALIVE_MS = 60_000;

const tlsOptions = ({ certificate, key, clientCa }: ListenerTls, { frameMs }: ServerLimits) => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2' as const,
  handshakeTimeout: frameMs,
  ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
});

/** Closes a connection on which nothing moves when its call must long have been answered: nobody reads there. */
function closeSilent(server: Server, { deadlineMs, frameMs }: ServerLimits, logger: RootLogger): void {
  server.setTimeout(deadlineMs + frameMs, (socket) => {
    if (socket.writableLength > 0) {
      const why = `the peer did not read for ${frameMs} ms (limits.frameMs)`;
      logger.warn(`HTTP connection closed: ${why}`, { client: peerOf(socket) });
    }
    socket.destroy();
  });
}

function logRefused(server: Server, { connections }: ServerLimits, logger: RootLogger): void {
  const refused = (why: string, client: string): void => logger.warn(`HTTP connection refused: ${why}`, { client });
  server.on('drop', (drop) => {
    refused(`${connections} connections are open (limits.connections)`, peerOf(drop ?? {}));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refused(`TLS handshake failed: ${error.code ?? error.message}`, peerOf(socket));
  });
}

export const peerOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
