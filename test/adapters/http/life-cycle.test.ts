import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { EspCall } from '../../../src/index.js';
import { deferred, type HostSetup, pluginOf } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { request as espRequest, outcome } from '../../support/raw-client.js';
import { HttpHost, TOKEN } from './setting.js';

const echo = pluginOf('Test', 'Echo', (call) => call.received);

let host: HttpHost;

async function start(setup: HostSetup = {}): Promise<HttpHost> {
  host = await HttpHost.start(setup);
  return host;
}

afterEach(() => host.stop());

describe('a client that disconnects', () => {
  const held = () => {
    const calls: EspCall[] = [];
    const gone = deferred();
    const plugin = pluginOf('Slow', 'Wait', (call) => {
      calls.push(call);
      call.signal.addEventListener('abort', () => gone.resolve());
      return new Promise(() => undefined);
    });
    return { plugin, calls, gone: gone.promise };
  };

  it('ends its call, and another client is undisturbed', async () => {
    const { plugin, calls, gone } = held();
    await start({ plugins: [plugin, echo] });
    const agent = host.keepAlive();
    const leaving = new AbortController();
    const left = host.send({ path: '/esp/Slow/Wait', body: {}, signal: leaving.signal });
    left.catch(() => undefined);
    await host.inFlight();
    expect(await host.send({ body: { a: 1 }, agent })).toMatchObject({ status: 200 });
    leaving.abort();
    await gone;
    expect(calls[0]?.signal.reason).toEqual(new Error('the client has gone'));
    await host.inFlight(0);
    await expect(left).rejects.toThrow();
    expect(await host.send({ body: { a: 1 }, agent })).toMatchObject({ status: 200 });
  });

  it('ends its pipelined calls too', async () => {
    const { plugin } = held();
    await start({ plugins: [plugin] });
    const asked = request({ port: host.adapter.port, host: '127.0.0.1', agent: false });
    asked.on('error', () => undefined);
    const socket = await new Promise<import('node:net').Socket>((resolve) => asked.once('socket', resolve));
    socket.write(
      `POST /esp/Slow/Wait HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`.repeat(
        3,
      ),
    );
    await host.inFlight(3);
    socket.destroy();
    await host.inFlight(0);
  });
});

describe('two adapters', () => {
  it('share the methods and the limits of one host', async () => {
    const wake = deferred();
    const sleeper = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({ Slept: 'well' })));
    await start({ plugins: [sleeper, echo], limits: { inFlight: 2 } });
    const client = await host.esp.client();
    client.send(espRequest(1, 'Slow', 'Sleep'));
    const slept = host.call({}, 'Slow/Sleep');
    await host.inFlight(2);
    expect(await host.call({})).toMatchObject({ status: 503 });
    expect(outcome(await client.ask(espRequest(2, 'Test', 'Echo')))).toMatch(/overloaded$/);
    wake.resolve();
    expect(await slept).toMatchObject({ status: 200, json: { parameters: { Slept: 'well' } } });
    expect((await client.messages(2)).map((one) => one.referenceId)).toEqual([2, 1]);
  });
});

/** A request as bytes, to be sent in pieces or ahead of others. */
const bytes = (method: string, body: string): string =>
  `POST /esp/${method} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

/** A connection, its received data, and its end. */
async function raw() {
  const socket = connect(host.adapter.port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return { socket, closed: once(socket, 'close').then(() => text) };
}

/** The status, `connection` header and body of each reply. */
const replies = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+).*?connection: (\S+).*?\r\n\r\n(\{.*?\}+)/gis)].map(([, ...parts]) =>
    parts.join(' '),
  );

describe('a port', () => {
  it('that is paused refuses connections, and keeps open ones, until it starts again', async () => {
    const { adapter } = await start({ plugins: [echo] });
    const { port } = adapter;
    expect([adapter.asked, adapter.host, port > 0]).toEqual([
      expect.objectContaining({ host: '127.0.0.1', port: 0 }),
      '127.0.0.1',
      true,
    ]);
    const agent = host.keepAlive();
    expect(await host.send({ body: {}, agent })).toMatchObject({ status: 200 });
    adapter.pause();
    const refused = connect(port, '127.0.0.1');
    const [{ code }] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(code).toBe('ECONNREFUSED');
    expect(await host.send({ body: {}, agent })).toMatchObject({ status: 200 });
    await adapter.start();
    expect(await host.call({})).toMatchObject({ status: 200 });
  });
});

describe('draining', () => {
  const setting = async () => {
    const wake = deferred();
    const sleeper = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({ Slept: 'well' })));
    await start({ plugins: [sleeper, echo] });
    const [waiting, idle] = [host.keepAlive(), host.keepAlive()];
    expect((await host.send({ body: {}, agent: idle })).headers.connection).toBe('keep-alive');
    const slept = host.send({ path: '/esp/Slow/Sleep', body: {}, agent: waiting });
    await host.inFlight();
    return { wake, slept, idle };
  };

  it('answers requests in flight and new ones, and ends each connection after its reply', async () => {
    const { wake, slept, idle } = await setting();
    const drained = host.adapter.drain(10_000);
    await expect(host.call({})).rejects.toThrow(/ECONNREFUSED/);
    const { status, headers } = await host.send({ body: {}, agent: idle });
    expect({ status, connection: headers.connection }).toEqual({ status: 200, connection: 'close' });
    wake.resolve();
    const last = await slept;
    expect({ json: last.json, connection: last.headers.connection }).toEqual({
      json: { parameters: { Slept: 'well' } },
      connection: 'close',
    });
    await drained;
  });

  it('answers all pipelined requests, and ends the connection after the last reply', async () => {
    const { wake, slept } = await setting();
    const client = await raw();
    client.socket.write(bytes('Slow/Sleep', '{}') + bytes('Test/Echo', '{}') + bytes('Slow/Sleep', '{}'));
    await host.inFlight(3);
    const drained = host.adapter.drain(10_000);
    wake.resolve();
    expect(replies(await client.closed)).toEqual([
      '200 keep-alive {"parameters":{"Slept":"well"}}',
      '200 keep-alive {"parameters":{}}',
      '200 close {"parameters":{"Slept":"well"}}',
    ]);
    await Promise.all([slept, drained]);
  });

  it('waits for the rest of a partial request', async () => {
    await start({ plugins: [echo] });
    const [client, other, idle] = [await raw(), await raw(), await raw()];
    const [whole, body] = [bytes('Test/Echo', '{"a":1}'), '"a":1}'];
    client.socket.write(whole.slice(0, 30));
    other.socket.write(whole.slice(0, -body.length));
    const drained = host.adapter.drain(10_000);
    await idle.closed;
    client.socket.write(whole.slice(30));
    other.socket.write(body);
    const reply = ['200 close {"parameters":{"a":1}}'];
    expect([replies(await client.closed), replies(await other.closed)]).toEqual([reply, reply]);
    await drained;
  });

  it('answers requests in flight with 503 at the end, and ends their calls', async () => {
    const { slept } = await setting();
    await host.adapter.drain(50);
    const { status, json, headers } = await slept;
    expect({ status, json, connection: headers.connection, after: headers['retry-after'] }).toEqual({
      status: 503,
      json: { faultCode: '920', faultString: 'DMS failed to execute request Slow.Sleep: stopping' },
      connection: 'close',
      after: '1',
    });
    await host.inFlight(0);
  });

  it('closes connections with incomplete requests at the end', async () => {
    await start({ plugins: [echo] });
    const [client, other] = [await raw(), await raw()];
    client.socket.write(bytes('Test/Echo', '{}').slice(0, 30));
    other.socket.write(bytes('Test/Echo', '{}').slice(0, -1));
    await until(() => host.adapter.connections === 2);
    await host.adapter.drain(50);
    expect([await client.closed, await other.closed]).toEqual(['', '']);
  });

  it('closes connections without requests', async () => {
    await start({ plugins: [echo] });
    const agent = host.keepAlive();
    await host.send({ body: {}, agent });
    await host.adapter.drain(10_000);
    await expect(host.call({})).rejects.toThrow(/ECONNREFUSED/);
  });
});
