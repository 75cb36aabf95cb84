import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BufferBudget, REFUSALS } from '../../../src/transport/index.js';
import { deferred, type HostSetup, pluginOf } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { seriesValue } from '../../support/http.js';
import { HttpHost, TOKEN } from './setting.js';

const echo = pluginOf('Test', 'Echo', (call) => call.received);
const big = pluginOf('Test', 'Big', () => ({ Big: 'y'.repeat(1_000_000) }));

const budget = new BufferBudget(0);
let host: HttpHost;
const sockets: Socket[] = [];

/** A host whose clients share `budget`. */
async function start(bytes: number, setup: HostSetup = {}): Promise<HttpHost> {
  budget.bytes = bytes;
  host = await HttpHost.start({ plugins: [echo, big], budget, ...setup });
  return host;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await host.stop();
  expect([budget.waiting, budget.stalled]).toEqual([0, 0]);
});

const head = (length: number, method = 'Test/Echo'): string =>
  `POST /esp/${method} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

/** A connection, and its end. */
function raw(): { socket: Socket; closed: Promise<unknown> } {
  const socket = connect(host.adapter.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.once('close', resolve)) };
}

describe('incomplete bodies', () => {
  it('count for their bytes until they are, or their clients go', async () => {
    await start(1 << 20);
    const [one, other] = [raw(), raw()];
    one.socket.write(`${head(1000)}${'{"a":"'.padEnd(600, 'x')}`);
    await until(() => budget.stalled === 600);
    other.socket.write(`${head(1000)}${'{"a":"'.padEnd(300, 'x')}`);
    await until(() => budget.stalled === 900);
    other.socket.destroy();
    await until(() => budget.stalled === 600);
    one.socket.write('"}'.padStart(400, 'x'));
    await until(() => budget.stalled === 0);
  });

  it('close the connection that holds the most if there are too many', async () => {
    await start(20_000);
    const [large, small] = [raw(), raw()];
    large.socket.write(`${head(9_000)}${' '.repeat(8_000)}`);
    await until(() => budget.stalled === 8_000);
    small.socket.write(`${head(9_000)}${' '.repeat(3_000)}`);
    await large.closed;
    expect(budget.stalled).toBe(3_000);
    expect(await host.esp.log.line(/limits\.bufferedBytes is reached/)).toContain(' 8000 bytes');
  });
});

describe('unread replies', () => {
  it('count for their bytes until they have gone out', async () => {
    await start(64 << 20);
    const { socket } = raw();
    socket.pause();
    socket.write(head(0, 'Test/Big').repeat(16));
    await until(() => budget.stalled > 1_000_000);
    socket.resume();
    await until(() => budget.stalled === 0);
  });
});

describe('requests in progress', () => {
  const body = { Text: 'x'.repeat(20_000) };

  it('count with their bytes until they are answered; one that does not fit gets 920 at once', async () => {
    const wake = deferred();
    const slow = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({})));
    await start(120_000, { plugins: [slow, echo] });
    const slept = host.call(body, 'Slow/Sleep');
    await host.inFlight();
    expect(budget.waiting).toBeGreaterThan(20_000);
    const faultString = expect.stringMatching(/overloaded$/);
    expect(await host.call(body, 'Slow/Sleep')).toMatchObject({ status: 503, json: { faultCode: '920', faultString } });
    expect(await host.call({ a: 'x' })).toMatchObject({ status: 200 });
    wake.resolve();
    expect(await slept).toMatchObject({ status: 200 });
    await until(() => budget.waiting === 0);
  });

  it('no longer count after their answer, even if the connection stays open', async () => {
    const wake = deferred();
    await start(120_000, { plugins: [pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({})))] });
    const answered = host.send({ path: '/esp/Slow/Sleep', body, agent: host.keepAlive() });
    await host.inFlight();
    expect(budget.waiting).toBeGreaterThan(20_000);
    wake.resolve();
    expect(await answered).toMatchObject({ status: 200 });
    await until(() => budget.waiting === 0);
    expect(host.adapter.connections).toBe(1);
  });

  it('count no more when their clients have gone', async () => {
    const slow = pluginOf('Slow', 'Sleep', () => new Promise(() => undefined));
    await start(120_000, { plugins: [slow] });
    const leaving = new AbortController();
    const left = host.send({ path: '/esp/Slow/Sleep', body, signal: leaving.signal });
    await host.inFlight();
    leaving.abort();
    await expect(left).rejects.toThrow();
    await until(() => budget.waiting === 0);
  });
});

it('a reply has the keep-alive timeout of its connection', async () => {
  await start(1 << 20);
  const { headers } = await host.send({ body: {}, agent: host.keepAlive() });
  expect(headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=60' });
});

it('the metrics show every reason for a refusal before there is one', async () => {
  await start(1 << 20);
  const text = await host.esp.host.metrics.text();
  const refused = REFUSALS.map((reason) => seriesValue(text, `esp_http_connections_refused_total{reason="${reason}"}`));
  expect(refused).toEqual(REFUSALS.map(() => 0));
});

const MB = 1 << 20;

const HEAD = `POST /esp/Test/Big HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}`;

describe('many clients', () => {
  const nearlyFull = pluginOf('Test', 'Big', () => ({ Big: 'y'.repeat(MB - 1000) }));

  /** A connection whose client does not read. */
  const open = (): Socket => raw().socket.pause();

  it('incomplete bodies stay within the budget, and are released if the client disconnects', async () => {
    await start(8 * MB, { plugins: [nearlyFull] });
    const head = `${HEAD}\r\nContent-Type: application/json\r\nContent-Length: ${MB}\r\n\r\n`;
    for (let client = 0; client < 10; client++) open().write(head + 'x'.repeat(MB / 2));
    await host.esp.log.line(/HTTP connection closed: limits.bufferedBytes is reached, and this client uses the most/);
    expect(budget.stalled).toBeLessThanOrEqual(4 * MB);
    for (const socket of sockets) socket.destroy();
    await until(() => budget.stalled === 0, 'nothing is held');
    expect((await host.call({}, 'Test/Big')).status).toBe(200);
  });

  it('requests in progress stay within the budget: others are overloaded, and each is released when it is answered', async () => {
    const wake = deferred();
    const slow = pluginOf('Test', 'Slow', () => wake.promise.then(() => ({})));
    await start(8 * MB, { plugins: [slow] });
    const large = { Say: 'x'.repeat(900_000) };
    // Four incomplete bodies stay below the half of the budget above which connections are closed.
    const asked = Array.from({ length: 4 }, () => host.call(large, 'Test/Slow'));
    const refused = await Promise.race(asked);
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('overloaded')]);
    expect(budget.waiting).toBeGreaterThan(900_000);
    expect(budget.waiting).toBeLessThan(4 * MB);
    wake.resolve();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(budget.waiting).toBe(0);
  });

  it('unread replies stay within the budget', async () => {
    await start(8 * MB, { plugins: [nearlyFull] });
    for (let client = 0; client < 4; client++) open().write(`${HEAD}\r\nContent-Length: 0\r\n\r\n`.repeat(8));
    await host.esp.log.line(/limits.bufferedBytes is reached, and this client uses the most: \d+ bytes/);
    expect(budget.stalled).toBeLessThanOrEqual(4 * MB);
    for (const socket of sockets) socket.destroy();
    await until(() => budget.stalled === 0, 'nothing is held');
  });
});
