import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BufferBudget } from '../../../src/transport/index.js';
import { deferred, type HostSetup, pluginOf } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { HttpHost, TOKEN } from './setting.js';

/** HTTP clients have their part of the budget that all clients share. */

const MB = 1 << 20;

const sockets: Socket[] = [];
let host: HttpHost;
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await host.stop();
});

const big = pluginOf('Test', 'Big', () => ({ Big: 'y'.repeat(MB - 1000) }));

async function start(setup: HostSetup): Promise<void> {
  host = await HttpHost.start({ plugins: [big], ...setup });
}

/** A connection whose client does not read. */
function open(): Socket {
  const socket = connect(host.adapter.port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

const HEAD = `POST /esp/Test/Big HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}`;

describe('over HTTP', () => {
  it('bodies that are not whole keep within the budget; what a client that goes held is free again', async () => {
    const budget = new BufferBudget(8 * MB);
    await start({ budget });
    const head = `${HEAD}\r\nContent-Type: application/json\r\nContent-Length: ${MB}\r\n\r\n`;
    for (let client = 0; client < 10; client++) open().write(head + 'x'.repeat(MB / 2));
    await host.esp.log.line(/HTTP connection closed: limits.bufferedBytes is reached, and this client uses the most/);
    expect(budget.stalled).toBeLessThanOrEqual(4 * MB);
    for (const socket of sockets) socket.destroy();
    await until(() => budget.stalled === 0, 'nothing is held');
    expect((await host.call({}, 'Test/Big')).status).toBe(200);
  });

  it('requests that wait keep within the budget: others are overloaded, and each is free when it is answered', async () => {
    const wake = deferred();
    const slow = pluginOf('Test', 'Slow', () => wake.promise.then(() => ({})));
    const budget = new BufferBudget(8 * MB);
    await start({ budget, plugins: [slow] });
    const large = { Say: 'x'.repeat(900_000) };
    const asked = Array.from({ length: 5 }, () => host.call(large, 'Test/Slow'));
    const refused = await Promise.race(asked);
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('overloaded')]);
    expect(budget.waiting).toBeGreaterThan(900_000);
    expect(budget.waiting).toBeLessThan(4 * MB);
    wake.resolve();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(budget.waiting).toBe(0);
  });

  it('replies that are not read keep within the budget', async () => {
    const budget = new BufferBudget(8 * MB);
    await start({ budget });
    for (let client = 0; client < 4; client++) open().write(`${HEAD}\r\nContent-Length: 0\r\n\r\n`.repeat(8));
    await host.esp.log.line(/limits.bufferedBytes is reached, and this client uses the most: \d+ bytes/);
    expect(budget.stalled).toBeLessThanOrEqual(4 * MB);
    for (const socket of sockets) socket.destroy();
    await until(() => budget.stalled === 0, 'nothing is held');
  });
});
