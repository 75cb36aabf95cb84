import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { errorText, type RationedLog } from '../../telemetry/index.js';
import { HttpError } from './http-error.js';
import { peerOf } from './http-server.js';

/** Whatever went wrong before a method was called, as it is answered. */
export function refusalOf(error: unknown, request: FastifyRequest, log: RationedLog): HttpError {
  if (error instanceof HttpError) return error;
  const { statusCode = 500, stack } = error as Error & { statusCode?: number };
  switch (statusCode) {
    case 415:
      return new HttpError(415, 'the body must be JSON: send it with Content-Type: application/json');
    case 500:
      log.ofConnection('error', 'HTTP request failed', peerOf(request.socket), failed(error), { stack });
      return new HttpError(500, 'the request failed unexpectedly; the log of the host says why');
    default:
      return new HttpError(statusCode, errorText(error));
  }
}

const failed = (error: unknown): string => `an HTTP request failed unexpectedly: ${errorText(error)}`;

/** Bytes that are no HTTP request, or do not come, never become one: the answer is written by hand. */
export function malformed(error: Error & { code?: string }, socket: Socket, frameMs: number): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = wordsFor(error, frameMs);
  const body = JSON.stringify({ error: message });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

function wordsFor(error: Error & { code?: string }, frameMs: number): [status: string, message: string] {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', `the request did not come within ${frameMs} ms (limits.frameMs)`];
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'the headers are over 16384 bytes'];
    default:
      return ['400 Bad Request', `this is no HTTP/1.1 request: ${error.message}`];
  }
}
