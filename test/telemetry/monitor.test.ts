import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Metrics, Monitor, type Phase } from '../../src/telemetry/index.js';
import { until } from '../support/eventually.js';
import { ask, seriesValue } from '../support/http.js';

let monitor: Monitor | undefined;
afterEach(() => {
  jest.restoreAllMocks();
});
afterEach(() => monitor?.close());

async function start(
  phase: () => Phase = () => 'ready',
  metrics = new Metrics(),
  connections?: number,
): Promise<number> {
  monitor = new Monitor({
    host: '127.0.0.1',
    port: 0,
    metrics,
    phase,
    ...(connections === undefined ? {} : { connections }),
  });
  await monitor.start();
  return monitor.port;
}

it('is always live, but ready only in that phase', async () => {
  let phase: Phase = 'starting';
  const port = await start(() => phase);
  const both = async () => [await ask(port, '/health/live'), await ask(port, '/health/ready')];
  const seen = async () => (await both()).map(({ status, body }) => `${status} ${body}`);
  expect(await seen()).toEqual(['200 {"status":"live"}\n', '503 {"status":"starting"}\n']);
  phase = 'ready';
  expect(await seen()).toEqual(['200 {"status":"live"}\n', '200 {"status":"ready"}\n']);
  phase = 'stopping';
  expect(await seen()).toEqual(['200 {"status":"live"}\n', '503 {"status":"stopping"}\n']);
});

it("serves the host's metrics and the process's", async () => {
  const metrics = new Metrics();
  metrics.counter('calls_total', 'Calls').inc();
  const { status, headers, body } = await ask(await start(undefined, metrics), '/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  for (const series of ['calls_total 1', 'nodejs_eventloop_lag_p99_seconds ', 'process_resident_memory_bytes ']) {
    expect(body).toContain(`\n${series}`);
  }
  const limits = ['esp_memory_limit_bytes', 'esp_heap_limit_bytes'].map((name) => seriesValue(body, name));
  expect(limits).toEqual([
    Math.min(process.constrainedMemory() || totalmem(), totalmem()),
    getHeapStatistics().heap_size_limit,
  ]);
  const names = body.split('\n').filter((line) => line.startsWith('# TYPE '));
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['none', 0, totalmem()],
  ['none, as a huge number', 2 ** 63, totalmem()],
  ['one of 1 GB', 2 ** 30, 2 ** 30],
])('shows how much memory the process may use, if its cgroup has the limit %s', async (_name, limit, shown) => {
  const port = await start();
  jest.spyOn(process, 'constrainedMemory').mockReturnValue(limit);
  expect(seriesValue((await ask(port, '/metrics')).body, 'esp_memory_limit_bytes')).toBe(shown);
});

it('answers HEAD without a body, and lists its pages for any other path', async () => {
  const port = await start();
  expect(await ask(port, '/health/ready', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await ask(port, '/')).toMatchObject({
    status: 404,
    body: 'Not found. Pages: /metrics, /health/live, /health/ready.\n',
  });
  expect((await ask(port, '/toString')).status).toBe(404);
  expect((await ask(port, '/health/ready?verbose')).status).toBe(200);
  const wrong = await ask(port, '/metrics', 'POST');
  expect([wrong.status, wrong.headers.allow, wrong.body]).toEqual([405, 'GET, HEAD', 'Use GET or HEAD.\n']);
});

it('answers 500 if a metric cannot be read, and continues', async () => {
  const metrics = new Metrics();
  let broken = true;
  metrics.collect(() => {
    if (broken) throw new Error('out of order');
  });
  const port = await start(undefined, metrics);
  expect(await ask(port, '/metrics')).toMatchObject({ status: 500, body: 'out of order\n' });
  broken = false;
  expect((await ask(port, '/metrics')).status).toBe(200);
});

it('closes a connection that pipelines requests, and does not make a page for each', async () => {
  const metrics = new Metrics();
  let made = 0;
  metrics.collect(() => {
    made++;
  });
  const port = await start(undefined, metrics);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
  await closed;
  expect(made).toBeLessThan(2);
  expect((await ask(port, '/health/live')).status).toBe(200);
});

it('makes one page for all requests that wait for it', async () => {
  const metrics = new Metrics();
  let pages = 0;
  metrics.collect(() => {
    pages++;
  });
  const port = await start(undefined, metrics);
  await ask(port, '/metrics');
  const before = pages;
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(port, '/metrics')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(pages - before).toBeLessThan(20);
});

it('pauses no longer than it has to, however long a page took', async () => {
  const metrics = new Metrics();
  const port = await start(undefined, metrics);
  const now = performance.now.bind(performance);
  let passed = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
  metrics.collect(() => {
    passed += 2_000;
  });
  expect((await ask(port, '/metrics')).status).toBe(200);
  expect((await ask(port, '/metrics')).status).toBe(200);
});

describe('with as many connections as it accepts', () => {
  /** An open connection, and whether it was closed. */
  class Idle {
    closed = false;
    readonly #socket: Socket;

    private constructor(socket: Socket) {
      this.#socket = socket
        .on('error', () => undefined)
        .on('close', () => {
          this.closed = true;
        });
    }

    static async open(port: number, localAddress = '127.0.0.1'): Promise<Idle> {
      const socket = connect({ port, host: '127.0.0.1', localAddress });
      await once(socket, 'connect');
      return new Idle(socket);
    }

    async ask(): Promise<string> {
      this.#socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
      const [data] = (await once(this.#socket, 'data')) as [Buffer];
      return data.toString().split('\r\n', 1)[0] ?? '';
    }

    close(): void {
      this.#socket.destroy();
    }
  }

  it('a new one replaces the oldest idle one', async () => {
    const port = await start(undefined, undefined, 2);
    const connections = [await Idle.open(port), await Idle.open(port), await Idle.open(port)];
    await until(() => connections[0]?.closed === true, 'the oldest is closed');
    expect(connections.map(({ closed }) => closed)).toEqual([true, false, false]);
    expect(await connections[1]?.ask()).toBe('HTTP/1.1 200 OK');
    expect(await connections[2]?.ask()).toBe('HTTP/1.1 200 OK');
    for (const one of connections) one.close();
  });

  it('many new ones at once leave as many as it accepts', async () => {
    const port = await start(undefined, undefined, 2);
    const connections = await Promise.all(Array.from({ length: 8 }, () => Idle.open(port)));
    await until(() => connections.filter(({ closed }) => closed).length === 6, 'six are closed');
    for (const one of connections) one.close();
  });

  it('a new one that is gone again replaces none', async () => {
    const port = await start(undefined, undefined, 1);
    const old = await Idle.open(port);
    const leave = (message: unknown): void => {
      (message as { socket: Socket }).socket.destroy();
    };
    subscribe('net.server.socket', leave);
    const young = await Idle.open(port);
    await until(() => young.closed, 'the new one has gone');
    unsubscribe('net.server.socket', leave);
    expect(await old.ask()).toBe('HTTP/1.1 200 OK');
    old.close();
  });

  it('an address with many of them loses one, not an address with few', async () => {
    const port = await start(undefined, undefined, 3);
    const probe = await Idle.open(port, '127.0.0.2');
    const flood = [await Idle.open(port), await Idle.open(port), await Idle.open(port)];
    await until(() => flood[0]?.closed === true, 'the oldest of the many is closed');
    expect(probe.closed).toBe(false);
    expect(await probe.ask()).toBe('HTTP/1.1 200 OK');
    for (const one of [probe, ...flood]) one.close();
  });

  it('one with a request in progress stays', async () => {
    const metrics = new Metrics();
    const port = await start(undefined, metrics, 1);
    const busy = ask(port, '/metrics');
    const idle = await Idle.open(port);
    expect((await busy).status).toBe(200);
    idle.close();
  });
});
