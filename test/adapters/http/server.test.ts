import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { HttpError } from '../../../src/adapters/http/errors.js';
import { httpErrorOf, newServer, refuseMalformed, setTimeouts } from '../../../src/adapters/http/server.js';
import { RationedLog } from '../../../src/telemetry/index.js';
import { LogLines } from '../../support/log-lines.js';
import { closeSockets, read, socketPair } from '../../transport/sockets.js';

afterEach(closeSockets);

const LIMITS = {
  frameMs: 2000,
  deadlineMs: 30_000,
  connections: 10,
  messageBytes: 1000,
  listDepth: 8,
  listEntries: 100,
};

describe('a server', () => {
  it('closes silent connections after the time of a call, and slow requests after frameMs', () => {
    const log = new LogLines();
    const server = newServer(() => undefined, LIMITS, new RationedLog(log.logger));
    const times = () => {
      const { keepAliveTimeout, requestTimeout, headersTimeout, timeout } = server;
      return [keepAliveTimeout, requestTimeout, headersTimeout, timeout];
    };
    expect(times()).toEqual([60_000, 2000, 2000, 32_000]);
    setTimeouts(server, { ...LIMITS, frameMs: 100, deadlineMs: 50 });
    expect(times()).toEqual([60_000, 100, 100, 150]);
    server.close();
  });

  it('logs only those that do not read their replies', async () => {
    const log = new LogLines();
    const server = newServer(() => undefined, LIMITS, new RationedLog(log.logger));
    const [idle, unread] = [await socketPair(false), await socketPair(false)];
    server.emit('timeout', idle.near);
    expect([idle.near.destroyed, log.lines]).toEqual([true, []]);
    unread.far.pause();
    unread.near.write(Buffer.alloc(50_000_000));
    server.emit('timeout', unread.near);
    expect(unread.near.destroyed).toBe(true);
    expect(log.lines).toEqual([
      expect.stringMatching(/ WARN .*did not read its reply in time .* client=127\.0\.0\.1:/),
    ]);
    server.close();
  });
});

describe('a malformed request', () => {
  const unreadable = (code?: string): Error => Object.assign(new Error('no'), { code });

  it.each([
    [undefined, '400 Bad Request', 'this is not an HTTP/1.1 request: no'],
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'the headers exceed 16384 bytes'],
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'the request was incomplete after 50 ms (limits.frameMs)'],
  ])('of code %s is answered, and ends the connection', async (code, status, error) => {
    const { near, far } = await socketPair(false);
    refuseMalformed(unreadable(code), near, 50);
    const body = JSON.stringify({ error });
    const reply = (await read(far, Number.POSITIVE_INFINITY)).toString();
    expect(reply.split('\r\n')).toEqual([
      `HTTP/1.1 ${status}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
      '',
      body,
    ]);
  });

  it('of a client that cannot be answered closes the connection at once', async () => {
    const [reset, ended] = [await socketPair(false), await socketPair(false)];
    refuseMalformed(unreadable('ECONNRESET'), reset.near, 50);
    ended.near.end();
    refuseMalformed(unreadable(), ended.near, 50);
    expect([reset.near.destroyed, ended.near.destroyed]).toEqual([true, true]);
  });
});

describe('a request that fails', () => {
  const request = { socket: { remoteAddress: '10.0.0.1', remotePort: 5 } as Socket } as FastifyRequest;
  const failed = (error: unknown) => {
    const log = new LogLines();
    const { code, status, message, headers } = httpErrorOf(error, request, new RationedLog(log.logger));
    return { code, status, message, headers, lines: log.lines };
  };
  const withStatus = (statusCode: number, text: string) => Object.assign(new Error(text), { statusCode });

  it('has the status and the text of its error', () => {
    expect(failed(new HttpError('ESP_HTTP_NOT_FOUND', 'nothing', { allow: 'GET' }))).toEqual({
      code: 'ESP_HTTP_NOT_FOUND',
      status: 404,
      message: 'nothing',
      headers: { allow: 'GET' },
      lines: [],
    });
    expect(failed(withStatus(414, 'the path is too long'))).toEqual({
      code: 'ESP_HTTP_INVALID_REQUEST',
      status: 414,
      message: 'the path is too long',
      headers: {},
      lines: [],
    });
    expect(failed(withStatus(415, 'of the framework'))).toEqual({
      code: 'ESP_HTTP_CONTENT_TYPE',
      status: 415,
      message: 'the body must be JSON: send it with Content-Type: application/json',
      headers: {},
      lines: [],
    });
  });

  it.each([
    ['without a status', new Error('of a bug')],
    ['with status 500', withStatus(500, 'of a bug')],
  ])('unexpectedly is logged with its stack: an error %s', (_what, error) => {
    expect(failed(error)).toEqual({
      code: 'ESP_HTTP_UNEXPECTED',
      status: 500,
      message: 'the request failed unexpectedly; the log of the host says why',
      headers: {},
      lines: [
        expect.stringMatching(
          / ERROR an HTTP request failed unexpectedly: of a bug client=10\.0\.0\.1:5\n +Error: of a bug/,
        ),
      ],
    });
  });
});
