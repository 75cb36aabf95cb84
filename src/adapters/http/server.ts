import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { errorText, type RationedLog } from '../../telemetry/index.js';
import { peerOf } from '../../transport/index.js';
import { HttpError } from './errors.js';
import type { HttpLimits } from './service.js';

const KEEP_ALIVE_MS = 60_000;

/** An HTTP server that does not listen: it gets its connections from the listener. */
export function newServer(handler: RequestListener, limits: HttpLimits, log: RationedLog): Server {
  // How often Node checks for requests that take too long.
  const server = createServer({ connectionsCheckingInterval: Math.min(limits.frameMs, 1000) }, handler);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  setTimeouts(server, limits);
  // No byte has moved for longer than a call can take.
  server.on('timeout', (socket) => {
    if (socket.writableLength > 0) {
      const text = 'HTTP connection closed: the peer did not read its reply in time (limits.frameMs)';
      log.ofConnection('warn', 'HTTP unread', peerOf(socket), text);
    }
    socket.destroy();
  });
  // Node checks for slow requests once a server listens.
  server.emit('listening');
  return server;
}

export function setTimeouts(server: Server, { frameMs, deadlineMs }: HttpLimits): void {
  server.requestTimeout = frameMs;
  server.headersTimeout = frameMs;
  server.timeout = deadlineMs + frameMs;
}

/** The error that answers a request that failed before a method was called. */
export function httpErrorOf(error: unknown, request: FastifyRequest, log: RationedLog): HttpError {
  if (error instanceof HttpError) return error;
  const { statusCode = 500, stack } = error as Error & { statusCode?: number };
  switch (statusCode) {
    case 415: {
      const text = 'the body must be JSON: send it with Content-Type: application/json';
      return new HttpError('ESP_HTTP_CONTENT_TYPE', text);
    }
    case 500: {
      const text = `an HTTP request failed unexpectedly: ${errorText(error)}`;
      log.ofConnection('error', 'HTTP request failed', peerOf(request.socket), text, { stack });
      return new HttpError('ESP_HTTP_UNEXPECTED', 'the request failed unexpectedly; the log of the host says why');
    }
    default:
      return new HttpError('ESP_HTTP_INVALID_REQUEST', errorText(error), {}, statusCode);
  }
}

type ParseError = Error & { code?: string };

/** Answers bytes that are not an HTTP request, or an incomplete request. The framework never sees them. */
export function refuseMalformed(error: ParseError, socket: Socket, frameMs: number): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = malformedReply(error, frameMs);
  const body = JSON.stringify({ error: message });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

function malformedReply(error: ParseError, frameMs: number): [status: string, message: string] {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', `the request was incomplete after ${frameMs} ms (limits.frameMs)`];
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'the headers exceed 16384 bytes'];
    default:
      return ['400 Bad Request', `this is not an HTTP/1.1 request: ${error.message}`];
  }
}
