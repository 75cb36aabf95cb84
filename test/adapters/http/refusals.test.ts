import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type HostSetup, pluginOf } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { HttpHost, TOKEN } from './setting.js';

const echo = pluginOf('Test', 'Echo', (call) => call.received);

/** Answers with the length that it is asked for, which may be as large as a message may. */
const big = pluginOf('Test', 'Big', (call) => ({
  Big: 'y'.repeat(Number(call.received.string('Length') ?? 1_000_000)),
}));

const HEADERS = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`;

let host: HttpHost;
const sockets: Socket[] = [];

async function start(setup: HostSetup = {}): Promise<HttpHost> {
  host = await HttpHost.start({ plugins: [echo], ...setup });
  return host;
}

/** A connection of bytes, and all that comes back until its end. */
function raw(): { socket: Socket; answer: Promise<string> } {
  const socket = connect(host.adapter.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  return { socket, answer: new Promise((resolve) => socket.once('close', () => resolve(text))) };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await host.stop();
});

describe('without the token', () => {
  it.each([
    ['no header', '', /^send the header Authorization: Bearer <token>/, 'Bearer realm="esp-host"'],
    ['another scheme', `Basic ${TOKEN}`, /^send the header/, 'Bearer realm="esp-host"'],
    ['no token', 'Bearer ', /^send the header/, 'Bearer realm="esp-host"'],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`, /^send the header/, 'Bearer realm="esp-host"'],
    ['another token', 'Bearer x', /^this is not the token/, 'Bearer realm="esp-host", error="invalid_token"'],
    [
      'the beginning of it',
      `Bearer ${TOKEN.slice(0, -1)}`,
      /^this is not the token/,
      'Bearer realm="esp-host", error="invalid_token"',
    ],
  ])('a request is refused: %s', async (_name, authorization, error, challenge) => {
    await start();
    for (const path of ['/esp/Test/Echo', '/openapi.json', '/nothing']) {
      const reply = await host.send({ method: 'POST', path, headers: { authorization } });
      expect({ status: reply.status, challenge: reply.headers['www-authenticate'] }).toEqual({
        status: 401,
        challenge,
      });
      expect((reply.json as { error: string }).error).toMatch(error);
    }
    const refused = /without the bearer token refused client=127\.0\.0\.1:\d+/;
    const lines = [await host.esp.log.line(refused), await host.esp.log.line(refused, 1)];
    expect(lines[1]).toMatch(/ times=2$/);
    expect(host.esp.log.lines.filter((one) => /bearer token/.test(one))).toEqual(lines);
    expect(host.esp.log.lines.join('\n')).not.toContain(TOKEN.slice(0, -1));
  });

  it('no method is called, however large the body', async () => {
    let called = 0;
    const plugin = pluginOf('Test', 'Echo', () => {
      called++;
      return {};
    });
    await start({ plugins: [plugin] });
    const body = { Text: 'x'.repeat(500_000) };
    expect(await host.call(body, 'Test/Echo', { authorization: '' })).toMatchObject({ status: 401 });
    expect(called).toBe(0);
  });

  it('accepts the scheme in any case and with any number of spaces', async () => {
    await start();
    expect(await host.call({}, 'Test/Echo', { authorization: `Bearer   ${TOKEN} ` })).toMatchObject({ status: 200 });
    expect(await host.call({}, 'Test/Echo', { authorization: `bearer ${TOKEN}` })).toMatchObject({ status: 200 });
  });
});

describe('a body', () => {
  it.each([
    ['{"a":', 400, /^the body is not JSON: /],
    [Buffer.from('7b2261223a22ff227d', 'hex'), 400, /^the body is not UTF-8$/],
    ['null', 400, /^the body must be an object: /],
    ['"text"', 400, /^the body must be an object: /],
    ['[["a","str","x"]]', 400, /^the body must be an object: /],
    ['{"a":1.5}', 400, /^a: 1\.5 is not an int32; write it as a string$/],
    ['{"a":{"b":[null]}}', 400, /^a\.b: a key-value list cannot hold null$/],
    ['{"a":[[1]]}', 400, /^a: a key-value list cannot hold an array in an array/],
    ['{"parameters":["a"]}', 400, /^parameters\[0\]: an entry must be \[key, type, value\]$/],
    ['{"parameters":[["a","text","x"]]}', 400, /^parameters\[0\]\[1\]: unknown type "text"; use str,/],
    ['{"parameters":[["a","list",[["b","bin","0"]]]]}', 400, /^parameters\[0\]\[2\]\[0\]\[2\]: bytes must be hex/],
    ['{"parameters":[],"userData":{}}', 400, /^userData: a list must be an array/],
    ['{"parameters":[],"appName":7}', 400, /^appName must be a string$/],
    ['{"parameters":[],"appType":1.5}', 400, /^appType must be a 32-bit integer/],
  ])('is refused: %s', async (body, status, error) => {
    await start();
    const reply = await host.call(body);
    expect(reply.status).toBe(status);
    expect(reply.json).toEqual({ error: expect.stringMatching(error) });
  });

  it.each([
    ['text/plain', 'a=b'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['application/xml', '<a/>'],
    ['', '{}'],
  ])('of type %j is refused', async (type, body) => {
    await start();
    const reply = await host.call(body, 'Test/Echo', { 'content-type': type });
    expect({ status: reply.status, json: reply.json }).toEqual({
      status: 415,
      json: { error: 'the body must be JSON: send it with Content-Type: application/json' },
    });
  });

  it('may name its charset', async () => {
    await start();
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(await host.call({ a: 'é' }, 'Test/Echo', headers)).toMatchObject({ json: { parameters: { a: 'é' } } });
  });

  it('over a limit is refused, and one at it is not', async () => {
    await start({ limits: { messageBytes: 20_000, listDepth: 4, listEntries: 6 } });
    const fits = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`;
    const refused = (error: string) => ({ status: 413, json: { error } });
    expect(await host.call(fits(20_000))).toMatchObject({ status: 200 });
    expect(await host.call(fits(20_001))).toMatchObject(refused('the body exceeds 20000 bytes (limits.messageBytes)'));
    const deep = 'lists nest more than 4 deep (limits.listDepth)';
    expect(await host.call({ a: { b: {} } })).toMatchObject({ status: 200 });
    expect(await host.call({ a: { b: { c: {} } } })).toMatchObject(refused(deep));
    const list = (value: unknown) => [['a', 'list', value]];
    expect(await host.call({ parameters: list(list([])) })).toMatchObject({ status: 200 });
    expect(await host.call({ parameters: list(list(list([]))) })).toMatchObject(refused(deep));
    const many = 'the lists have more than 6 entries (limits.listEntries)';
    expect(await host.call({ a: [1, 2, 3, 4, 5, 6] })).toMatchObject({ status: 200 });
    expect(await host.call({ a: [1, 2, 3, { b: [1, 2, 3] }] })).toMatchObject(refused(many));
    const entries = (count: number) => Array.from({ length: count }, () => ['a', 'int', 1]);
    expect(await host.call({ parameters: entries(3), userData: entries(3) })).toMatchObject({ status: 200 });
    expect(await host.call({ parameters: entries(3), userData: entries(4) })).toMatchObject(refused(many));
  });

  it('with the maximum nesting costs only its refusal', async () => {
    await start();
    const depth = 100_000;
    for (const [open, close] of [
      ['{"a":', '}'],
      ['[', ']'],
    ]) {
      const body = `{"a":${open?.repeat(depth)}1${close?.repeat(depth)}}`;
      expect(await host.call(body)).toMatchObject({
        status: 413,
        json: { error: expect.stringMatching(/nest more than 128/) },
      });
    }
    expect(await host.call({ a: 1 })).toMatchObject({ status: 200 });
  });
});

describe('a path', () => {
  it.each([
    ['GET', '/'],
    ['POST', '/esp'],
    ['POST', '/esp/Messaging'],
    ['POST', '/esp/Messaging/ValidateContact/x'],
    ['GET', '/health?x=1'],
    ['POST', '/ESP/Test/Echo'],
  ])('gets the known paths if it is unknown: %s %s', async (method, path) => {
    await start();
    const reply = await host.send({ method, path, ...(method === 'POST' ? { body: 'x' } : {}) });
    expect({ status: reply.status, json: reply.json }).toEqual({
      status: 404,
      json: {
        error:
          `there is no ${method} ${path.split('?', 1)[0]}: POST /esp/{service}/{method} calls a method, ` +
          'GET /openapi.json describes them all',
      },
    });
  });

  it.each([
    ['GET', '/esp/Test/Echo', 'POST'],
    ['PUT', '/esp/Test/Echo', 'POST'],
    ['DELETE', '/openapi.json', 'GET, HEAD'],
  ])('gets the allowed method: %s %s', async (method, path, allow) => {
    await start();
    const reply = await host.send({ method, path, headers: { 'content-type': 'text/plain' } });
    expect({ status: reply.status, allow: reply.headers.allow }).toEqual({ status: 405, allow });
    expect(reply.json).toEqual({ error: `${path} does not allow ${method}: use ${allow.split(',', 1)[0]}` });
  });

  it('with an invalid encoding is refused', async () => {
    await start();
    const reply = await host.send({ path: '/esp/Test/%ff', body: {} });
    expect({ status: reply.status, json: reply.json }).toEqual({
      status: 400,
      json: { error: expect.stringContaining('%ff') },
    });
  });
});

describe('a connection', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 Bad Request[\s\S]*"error":"this is not an HTTP\/1\.1 request: /],
    [
      'too large headers',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 [\s\S]*"error":"the headers exceed 16384 bytes"/,
    ],
  ])('with %s gets an error and is closed', async (_name, bytes, expected) => {
    await start();
    const { socket, answer } = raw();
    socket.write(bytes);
    expect(await answer).toMatch(expected);
    await host.esp.log.line(/HTTP connection closed: .* client=127\.0\.0\.1:/);
  });

  it('with malformed data after a pending request is closed without an error, which would be taken for the reply', async () => {
    const sleeper = pluginOf('Slow', 'Sleep', () => new Promise(() => undefined));
    await start({ plugins: [sleeper] });
    const { socket, answer } = raw();
    socket.write(`POST /esp/Slow/Sleep HTTP/1.1\r\n${HEADERS}`);
    await host.inFlight();
    socket.write('hello\r\n\r\n');
    expect(await answer).toBe('');
    await host.inFlight(0);
  });

  it.each([
    ['its headers', 'POST /esp/Test/Echo HTTP/1.1\r\nHost: x\r\n'],
    [
      'its body',
      `POST /esp/Test/Echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a"',
    ],
  ])('that does not finish %s within frameMs gets an error and is closed', async (_name, bytes) => {
    await start({ limits: { frameMs: 100 } });
    const { socket, answer } = raw();
    socket.write(bytes);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error":"the request was incomplete after 100 ms/);
  });

  it('has the time limits of the last reload', async () => {
    await start({ limits: { frameMs: 60_000 } });
    host.use({ frameMs: 100 });
    const { socket, answer } = raw();
    socket.write('POST /esp/Test/Echo HTTP/1.1\r\nHost: x\r\n');
    expect(await answer).toMatch(/"error":"the request was incomplete after 100 ms/);
  });

  it('over the limit is refused with a line, and another is undisturbed', async () => {
    await start({ limits: { connections: 1 } });
    const agent = host.keepAlive();
    expect(await host.send({ body: {}, agent })).toMatchObject({ status: 200 });
    expect(await raw().answer).toBe('');
    await host.esp.log.line(/HTTP connection refused: 1 connections are open \(limits.connections\) client=127/);
    const counted = (await host.esp.host.metrics.text()).match(/^esp_http_\w+(\{.*\})? [1-9]\d*/gm);
    expect(counted).toEqual([
      'esp_http_connections 1',
      'esp_http_connections_accepted_total 1',
      'esp_http_connections_refused_total{reason="connections"} 1',
    ]);
    expect(await host.send({ body: {}, agent })).toMatchObject({ status: 200 });
    agent.destroy();
    await until(async () => /^esp_http_connections 0$/m.test(await host.esp.host.metrics.text()));
  });

  it('whose client does not read its replies is closed', async () => {
    await start({ limits: { frameMs: 100, deadlineMs: 100 }, plugins: [big] });
    const { socket } = raw();
    socket.pause();
    socket.write(`POST /esp/Test/Big HTTP/1.1\r\n${HEADERS}`.repeat(8));
    await host.esp.log.line(
      /HTTP connection closed: the peer did not read its reply in time \(limits.frameMs\) client=127/,
    );
  });

  it('gets fault 900 for a response over limits.messageBytes, before it is made', async () => {
    await start({ plugins: [big] });
    const faultString = expect.stringMatching(/^Test.Big failed unexpectedly/);
    const answer = await host.call({ Length: '500000000' }, 'Test/Big');
    expect(answer).toMatchObject({ status: 500, json: { faultCode: '900', faultString } });
    await host.esp.log.line(/the response has at least 500000003 bytes; limits.messageBytes allows 1048576 bytes/);
  });

  it('may have 16 requests ahead of their replies, and is closed with one more', async () => {
    await start();
    const requests = (count: number) => `POST /esp/Test/Echo HTTP/1.1\r\n${HEADERS}`.repeat(count);
    const good = raw();
    good.socket.end(requests(16));
    expect((await good.answer).match(/HTTP\/1\.1 200/g)).toHaveLength(16);
    const bad = raw();
    bad.socket.write(requests(1000));
    await bad.answer;
    const line = await host.esp.log.line(/HTTP connection closed: more than 16 pipelined requests/);
    expect(host.esp.log.matching(/pipelined/)).toEqual([line]);
  });
});

describe('an unexpected error', () => {
  it('is answered with 500, with the reason only in the log', async () => {
    await start();
    const { dispatcher } = host.esp.host;
    const broken = jest.spyOn(dispatcher, 'dispatch').mockImplementation(() => {
      throw new Error('out of order');
    });
    const reply = await host.call({});
    broken.mockRestore();
    expect(reply).toMatchObject({
      status: 500,
      json: { error: 'the request failed unexpectedly; the log of the host says why' },
    });
    const line = await host.esp.log.line(/an HTTP request failed unexpectedly/);
    expect(line).toMatch(/ERROR an HTTP request failed unexpectedly: out of order client=127\.0\.0\.1:\d+/);
    expect(await host.call({})).toMatchObject({ status: 200 });
  });
});
