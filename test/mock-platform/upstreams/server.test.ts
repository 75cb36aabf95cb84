import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MockHandler, MockRequest, MockResponse } from 'esp-host';
import { CallLog } from '../../../mock-platform/upstreams/call-log.js';
import { type Responder, UpstreamServer } from '../../../mock-platform/upstreams/server.js';

const servers: UpstreamServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

let asked: MockRequest[];
let calls: CallLog;

async function start(
  respond: MockHandler['respond'] = () => ({ status: 200, body: 'ok' }),
  intercept: Responder = () => undefined,
  describeCall?: MockHandler['describe'],
): Promise<UpstreamServer> {
  asked = [];
  calls = new CallLog();
  const server = await UpstreamServer.start({
    ...{ host: '127.0.0.1', port: 0, now: () => 5, calls, intercept },
    handler: {
      respond: (request) => {
        asked.push(request);
        return respond(request);
      },
      error: (status, details) => ({ status, body: { problem: details } }),
      ...(describeCall && { describe: describeCall }),
    },
  });
  servers.push(server);
  return server;
}

/** Sends the path as it is, which fetch would not. */
function ask({ url }: UpstreamServer, path: string, method = 'GET', body = ''): Promise<[IncomingMessage, string]> {
  const request: ClientRequest = httpRequest(url, { path, method, agent: false });
  const answered = once(request, 'response').then(async ([response]: IncomingMessage[]) => {
    const chunks = await response?.setEncoding('utf8').toArray();
    return [response as IncomingMessage, (chunks ?? []).join('')] satisfies [IncomingMessage, string];
  });
  request.end(body);
  return answered;
}
const said = async (...given: Parameters<typeof ask>): Promise<string> => {
  const [{ statusCode, headers }, text] = await ask(...given);
  return `${statusCode} ${headers['content-type']} ${headers['content-length']} ${text}`;
};

describe('a request', () => {
  it('reaches the mock with its parts, and is recorded', async () => {
    const server = await start(undefined, undefined, ({ body }) => ({ length: body.length }));
    await ask(server, '/v1/a%20b?x=1&y=?2', 'POST', 'é');
    const [{ query, ...request }] = asked as [MockRequest];
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/a%20b',
      body: 'é',
      headers: { host: expect.any(String) },
    });
    expect([...query]).toEqual([
      ['x', '1'],
      ['y', '?2'],
    ]);
    expect(calls.list()).toEqual([{ at: 5, method: 'POST', path: '/v1/a%20b', length: 1, status: 200 }]);
  });

  it('may have a body of up to 1 MiB', async () => {
    const server = await start(({ body }) => ({ status: 200, body: `${body.length}` }));
    expect((await ask(server, '/', 'POST', 'x'.repeat(1 << 20)))[1]).toBe('1048576');
    expect(await said(server, '/', 'POST', 'x'.repeat((1 << 20) + 1))).toMatch(/^413 .*"body: exceeds 1048576 bytes"/);
    expect(asked).toHaveLength(1);
    expect(calls.list()).toMatchObject([{ status: 200 }, { status: 413 }]);
  });

  it('must have a path that can be decoded', async () => {
    const server = await start();
    expect(await said(server, '/%zz')).toMatch(/^400 .*"'\/%zz' is not a valid path"/);
    expect(asked).toEqual([]);
  });

  it('must be HTTP', async () => {
    const server = await start();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end('hello\r\n\r\n');
    const [head = '', body = ''] = (await socket.setEncoding('utf8').toArray()).join('').split('\r\n\r\n');
    expect(head.split('\r\n').sort()).toEqual([
      'Connection: close',
      `Content-Length: ${body.length}`,
      'Content-Type: application/json',
      'HTTP/1.1 400 Bad Request',
    ]);
    expect(JSON.parse(body)).toEqual({ problem: expect.stringMatching(/^not an HTTP request: Parse Error/) });
  });
});

describe('a response', () => {
  it.each<[MockResponse, string]>([
    [{ status: 200, body: 'é' }, '200 text/plain; charset=utf-8 2 é'],
    [{ status: 201, body: { a: 'é' } }, '201 application/json; charset=utf-8 10 {"a":"é"}'],
    [{ status: 200, body: null }, '200 application/json; charset=utf-8 4 null'],
    [{ status: 200 }, '200 undefined 0 '],
    [{ status: 204 }, '204 undefined undefined '],
    [{ status: 304 }, '304 undefined undefined '],
    [{ status: 200, body: '<a/>', headers: { 'content-type': 'text/xml' } }, '200 text/xml 4 <a/>'],
  ])('%j is sent as %j', async (response, expected) => {
    expect(await said(await start(() => response), '/')).toBe(expected);
    expect(calls.list()).toMatchObject([{ status: response.status }]);
  });

  it('has status 500 if the mock throws', async () => {
    const server = await start(() => {
      throw new Error('broken');
    });
    expect(await said(server, '/')).toBe('500 application/json; charset=utf-8 20 {"problem":"broken"}');
    expect(calls.list()).toMatchObject([{ status: 500 }]);
  });
});

describe('a forced response', () => {
  it('replaces that of the mock, whose body an error has', async () => {
    const server = await start(undefined, ({ path }) =>
      path === '/bare' ? { status: 503 } : { status: 502, body: 'x', headers: { 'retry-after': '7' } },
    );
    expect(await said(server, '/bare')).toMatch(/^503 .*"forced by the mock platform"/);
    const [{ headers }, text] = await ask(server, '/');
    expect([headers['retry-after'], text, asked]).toEqual(['7', 'x', []]);
  });

  it('may only delay that of the mock', async () => {
    expect(await said(await start(undefined, async () => ({ delayMs: 1 })), '/')).toMatch(/^200 /);
  });

  it.each([
    ['reset', 0],
    ['loseAnswer', 1],
    ['halfAnswer', 1],
  ] as const)('%s breaks the connection after %i requests to the mock', async (forced, reached) => {
    const server = await start(
      () => ({ status: 200, body: '0123456789' }),
      () => forced,
    );
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    const broken = once(socket, 'error');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
    expect([asked.length, calls.list()]).toMatchObject([reached, [{ status: 'reset' }]]);
    expect(text.split('\r\n\r\n')[1] ?? '').toBe(forced === 'halfAnswer' && text !== '' ? '01234' : '');
  });

  it('hang sends nothing, until the server closes', async () => {
    const server = await start(undefined, () => 'hang');
    const lost = ask(server, '/').catch((error: NodeJS.ErrnoException) => error.code);
    while (calls.list()[0]?.status !== 'hang') await new Promise(setImmediate);
    await server.close();
    expect([await lost, asked]).toEqual(['ECONNRESET', []]);
  });

  it('that is delayed ends with the server, without an answer', async () => {
    const server = await start(undefined, () => ({ status: 200, delayMs: 1_000_000 }));
    const lost = ask(server, '/').catch((error: NodeJS.ErrnoException) => error.code);
    while (calls.list().length === 0) await new Promise(setImmediate);
    await server.close();
    expect(await lost).toBe('ECONNRESET');
    expect(calls.list()[0]?.status).toBeUndefined();
  });
});
