import { createServer, type RequestListener, type Server } from 'node:http';
import type { RationedLog } from '../../telemetry/index.js';
import type { HttpLimits } from './http-service.js';

const KEEP_ALIVE_MS = 60_000;

/** An HTTP server that does not listen: it is given its connections. */
export function newServer(handler: RequestListener, limits: HttpLimits, log: RationedLog): Server {
  // How often Node looks for requests that take too long.
  const server = createServer({ connectionsCheckingInterval: Math.min(limits.frameMs, 1000) }, handler);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  limitTimes(server, limits);
  // Nothing has moved when a call must long have been answered.
  server.on('timeout', (socket) => {
    if (socket.writableLength > 0) {
      const text = 'HTTP connection closed: the peer did not read its reply in time (limits.frameMs)';
      log.ofConnection('warn', 'HTTP unread', peerOf(socket), text);
    }
    socket.destroy();
  });
  // Node begins to look for requests that take too long when a server begins to listen.
  server.emit('listening');
  return server;
}

export function limitTimes(server: Server, { frameMs, deadlineMs }: HttpLimits): void {
  server.requestTimeout = frameMs;
  server.headersTimeout = frameMs;
  server.timeout = deadlineMs + frameMs;
}

export const peerOf = (socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string =>
  `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
