import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectError, Load, type LoadOptions, requestOf } from '../../src/client/index.js';
import { nextReferenceId } from '../../src/client/load-connection.js';
import { EspFault, EspRequest, KeyValueList, responseTo } from '../../src/esp/index.js';
import { charset, decodeBody, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
import { certificates } from '../support/tls.js';

const utf8 = charset();
const opened: { stop(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.stop()));
});

async function start(options: Partial<LoadOptions> & { port: number }): Promise<Load> {
  const load = await Load.start({
    host: '127.0.0.1',
    connections: 1,
    inFlight: 1,
    messages: [requestOf({ service: 'Test', method: 'Echo', parameters: { Say: 'x' } })],
    timeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    ...options,
  });
  opened.push(load);
  return load;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A server that hands each request to the test. */
async function server(take: (request: EspRequest, socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>();
  const made = createServer((socket) => {
    sockets.add(socket);
    const reader = new FrameReader(
      {
        body: (bytes, from, to) => take(new EspRequest(decodeBody(bytes, from, to, utf8)), socket),
        addp: () => undefined,
      },
      1 << 22,
    );
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => reader.push(chunk));
  });
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  opened.push({
    stop() {
      for (const socket of sockets) socket.destroy();
      made.close();
    },
  });
  return { port: (made.address() as AddressInfo).port, server: made };
}

const response = (request: EspRequest): Buffer => encodeMessage(responseTo(request, 171, new KeyValueList()), utf8);

const echo = pluginOf('Test', 'Echo', (call) => ({ Said: call.received.string('Say') ?? '' }));
const refuse = pluginOf(
  'Test',
  'Refuse',
  () => {
    throw new EspFault(404, 'no');
  },
  { name: 'refuse' },
);

async function host(setup: Parameters<typeof TestHost.start>[0] = {}): Promise<number> {
  const started = await TestHost.start({ plugins: [echo, refuse], ...setup });
  opened.push(started);
  return started.adapter.port;
}

describe('a load', () => {
  it('keeps the configured number of requests in flight per connection, each with a unique ReferenceId', async () => {
    const asked: [number, Socket][] = [];
    const { port } = await server((request, socket) => asked.push([request.referenceId ?? -1, socket]));
    await start({ port, connections: 3, inFlight: 4 });
    await until(() => asked.length >= 12);
    await turn();
    expect(asked).toHaveLength(12);
    const sockets = new Set(asked.map(([, socket]) => socket));
    expect(sockets.size).toBe(3);
    for (const socket of sockets) {
      expect(asked.filter(([, one]) => one === socket).map(([id]) => id)).toEqual([0, 1, 2, 3]);
    }
  });

  it('counts responses and faults by code, over messages in turn', async () => {
    const messages = (['Echo', 'Refuse', 'Nothing'] as const).map((method) => requestOf({ service: 'Test', method }));
    const load = await start({
      port: await host(),
      connections: 2,
      inFlight: 8,
      messages: messages as unknown as LoadOptions['messages'],
    });
    await until(() => load.totals.answered >= 600);
    const { responses, faults, answered, faulted, unanswered, unmatched, latencies } = load.totals;
    expect([...faults.keys()].sort()).toEqual(['404', '902']);
    expect(responses + faulted).toBe(answered);
    for (const count of [responses, ...faults.values()]) expect(Math.abs(count - answered / 3)).toBeLessThan(20);
    expect([unanswered, unmatched]).toEqual([0, 0]);
    expect(latencies.count).toBe(answered);
    expect(latencies.percentileUs(1)).toBeGreaterThan(0);
    load.clear();
    expect([load.totals.answered, load.totals.faults.size]).toEqual([0, 0]);
    expect(load.seconds).toBeGreaterThanOrEqual(0);
    expect(load.seconds).toBeLessThan(60);
  });

  it('speaks TLS, and sends messages of many frames', async () => {
    const { server: pem } = await certificates();
    const load = await start({
      port: await host({ tls: pem }),
      tls: { ca: pem.certificate },
      inFlight: 3,
      messages: [requestOf({ service: 'Test', method: 'Echo', parameters: { Say: 'x'.repeat(100_000) } })],
    });
    await until(() => load.totals.responses >= 20);
    expect(load.totals.faulted).toBe(0);
  });

  it('opens a connection for each request if requested', async () => {
    const sockets = new Set<Socket>();
    let ended = 0;
    let requests = 0;
    const { port } = await server((request, socket) => {
      requests++;
      sockets.add(socket);
      socket.once('end', () => ended++);
      socket.write(response(request));
    });
    const load = await start({ port, connections: 2, inFlight: 50, connectionPerRequest: true });
    await until(() => load.totals.responses >= 20 && ended >= 10);
    expect(sockets.size).toBeGreaterThanOrEqual(20);
    expect(requests).toBe(sockets.size);
    expect(load.totals.connectionErrors.size).toBe(0);
  });

  it('does not count the end of the connection of an answered request as lost', async () => {
    const { port, server: listening } = await server((request, socket) => {
      listening.close();
      socket.write(response(request));
    });
    const load = await start({ port, connectionPerRequest: true });
    const errors = load.totals.connectionErrors;
    await until(() => errors.size > 0);
    expect([...errors.keys()]).toEqual([expect.stringContaining('nothing listens there')]);
    expect([load.totals.responses, load.totals.lost]).toEqual([1, 0]);
  });

  it('measures from a request to its reply, and counts from its start', async () => {
    const before = performance.now();
    const { port } = await server((request, socket) => socket.write(response(request)));
    const load = await start({ port, inFlight: 2 });
    await until(() => load.totals.responses >= 10);
    expect(load.totals.latencies.longestUs).toBeLessThanOrEqual(1000 * (performance.now() - before) + 1);
    let seconds = 0;
    const now = jest.spyOn(performance, 'now').mockImplementation(() => 1000 * seconds++);
    opened.push({ stop: () => now.mockRestore() });
    const next = await start({ port: (await server(() => undefined)).port, connections: 5 });
    expect(next.seconds).toBe(1);
  });

  it('counts a request without a reply as a timeout, and its late reply as one to no request', async () => {
    const asked: [EspRequest, Socket][] = [];
    const { port } = await server((request, socket) => asked.push([request, socket]));
    const load = await start({ port, inFlight: 2, timeoutMs: 20 });
    await until(() => load.totals.timeouts >= 2);
    await until(() => asked.length >= 4);
    const [first] = asked;
    first?.[1].write(response(first[0]));
    await until(() => load.totals.unmatched === 1);
    expect(load.totals.answered).toBe(0);
    expect(new Set(asked.map(([request]) => request.referenceId)).size).toBe(asked.length);
  });

  it('counts a second reply to a request as one to no request', async () => {
    let replies = 2;
    const { port } = await server((request, socket) => {
      while (replies-- > 0) socket.write(response(request));
    });
    const load = await start({ port });
    await until(() => load.totals.unmatched === 1);
    expect(load.totals.answered).toBe(1);
  });

  it('continues after a lost connection, and counts requests in flight as lost', async () => {
    let connections = 0;
    const seen = new Set<Socket>();
    const { port } = await server((request, socket) => {
      if (!seen.has(socket)) connections++;
      seen.add(socket);
      if (connections === 1) socket.destroy();
      else socket.write(response(request));
    });
    const load = await start({ port, inFlight: 3 });
    await until(() => load.totals.responses >= 3);
    expect(load.totals.lost).toBe(3);
    expect([...load.totals.connectionErrors.values()]).toEqual([1]);
  });

  it('counts each failed attempt to reconnect', async () => {
    const { port, server: listening } = await server((_request, socket) => {
      listening.close();
      socket.destroy();
    });
    const load = await start({ port, timeoutMs: 20 });
    const errors = load.totals.connectionErrors;
    await until(() => [...errors].some(([text, count]) => text.includes('nothing listens there') && count > 1));
    expect([load.totals.lost, load.totals.timeouts]).toEqual([1, 0]);
    expect(errors.get('the server closed the connection')).toBe(1);
  });

  it('waits for the rest of a reply', async () => {
    const { port } = await server((request, socket) => {
      const bytes = response(request);
      socket.write(bytes.subarray(0, 10));
      setImmediate(() => {
        for (const end = performance.now() + 5; performance.now() < end; );
        socket.write(bytes.subarray(10));
      });
    });
    const load = await start({ port });
    await until(() => load.totals.responses >= 3);
    expect(load.totals.lost).toBe(0);
  });

  it('closes its connections when it stops', async () => {
    const sockets = new Set<Socket>();
    const { port } = await server((_request, socket) => sockets.add(socket));
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const load = await start({ port, connections: 2 });
    await until(() => sockets.size === 2);
    load.stop();
    expect(timers()).toBe(before);
    await until(() => [...sockets].every(({ destroyed }) => destroyed));
    expect([load.totals.unanswered, load.totals.connectionErrors.size]).toEqual([0, 0]);
  });

  it('sends nothing over a connection that opens after it has stopped', async () => {
    const sockets = new Set<Socket>();
    let requests = 0;
    const { port, server: listening } = await server((request, socket) => {
      requests++;
      socket.write(response(request));
    });
    listening.on('connection', (socket) => sockets.add(socket));
    const load = await start({ port, connectionPerRequest: true });
    const { latencies } = load.totals;
    jest.spyOn(latencies, 'record').mockImplementationOnce(() => queueMicrotask(() => load.stop()));
    await until(() => sockets.size === 2 && [...sockets].every(({ destroyed }) => destroyed));
    expect(requests).toBe(1);
  });

  it('gives each request of a slot a ReferenceId of that slot', () => {
    expect([-1, 2, 6].map((last) => nextReferenceId(last, 2, 4))).toEqual([2, 6, 10]);
    expect([0x7fffffff - 4, 0x7fffffff - 3].map((last) => nextReferenceId(last, 2, 4))).toEqual([0x7fffffff, 2]);
  });

  it('treats malformed bytes as a lost connection', async () => {
    const { port } = await server((_request, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const load = await start({ port });
    await until(() => load.totals.lost > 0);
    expect([...load.totals.connectionErrors.keys()].join()).toMatch(/frame length \d+ exceeds 16380/);
  });

  it('does not start without a connection', async () => {
    const { port, server: listening } = await server(() => undefined);
    listening.close();
    await once(listening, 'close');
    await expect(start({ port, connections: 3 })).rejects.toThrow(ConnectError);
  });
});
