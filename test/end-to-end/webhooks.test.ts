import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { Records, StateFile } from '../../src/state/index.js';
import { until } from '../support/eventually.js';
import { folder, removeFolders } from '../support/files.js';
import { ForwardReceiver, isSigned } from '../support/forward-receiver.js';
import { freePort } from '../support/free-port.js';
import { killPrograms, Program } from '../support/processes.js';
import { bodyOf, PATH, post, type Receipt, writeServed, wrongEffects } from '../support/webhooks.js';

afterEach(killPrograms);
afterAll(removeFolders);

const ORDERS = 20;
const RECEIPTS = 300;

async function serve(config: string): Promise<Program> {
  const host = new Program(['serve', '--config', config]);
  await host.printed(/listens for ESP/);
  return host;
}

/** The events of a path that a host has left. */
async function waiting(home: string, of = PATH): Promise<number> {
  const state = await StateFile.open(join(home, 'state.db'));
  const left = await state.do('waiting', {});
  await state.close();
  return left.filter(({ path }) => path.startsWith(of)).length;
}

/** Sends a webhook until it is acknowledged: a slow disk is a reason for 503. */
async function sent(port: number, body: string): Promise<void> {
  while ((await post(port, body).catch(() => undefined))?.status !== 200);
}

/** Sends each receipt until it is acknowledged, as a provider does, and some of them again. */
async function deliver(port: number, receipts: readonly Receipt[], acknowledged: (count: number) => Promise<void>) {
  let count = 0;
  for (const [index, receipt] of receipts.entries()) {
    await sent(port, bodyOf(receipt));
    if (index % 5 === 0) await post(port, bodyOf(receipt)).catch(() => undefined);
    await acknowledged(++count);
  }
}

it('an acknowledged event has its effect exactly once, even if the host is killed repeatedly', async () => {
  const [home, port] = [folder(), await freePort()];
  const config = writeServed(home, port);
  const receipts = Array.from({ length: RECEIPTS }, (_, index) => ({
    id: `r${index}`,
    order: `${index % ORDERS}`,
    text: `${index}`,
  }));
  let host = await serve(config);
  await deliver(port, receipts, async (count) => {
    if (count % 100 !== 0) return;
    await host.kill('SIGKILL');
    host = await serve(config);
  });
  // A graceful stop finishes the events in progress, the next start the others.
  await host.kill('SIGTERM');
  while ((await waiting(home)) > 0) {
    host = await serve(config);
    await host.kill('SIGTERM');
  }
  const ids = receipts.map(({ id }) => id);
  expect(await wrongEffects(home, ids)).toEqual([]);
  const state = await StateFile.open(join(home, 'state.db'));
  const records = new Records(state, 'effects');
  for (let order = 0; order < ORDERS; order++) {
    const own = receipts.filter((one) => one.order === `${order}`).map(({ text }) => text);
    expect(await records.get(`order/${order}`)).toEqual(own);
  }
  await state.close();
}, 120_000);

it('an acknowledged webhook is forwarded, even if its receiver is away and the host is killed', async () => {
  const [home, port, receiver] = [folder(), await freePort(), await new ForwardReceiver().listen()];
  const forward = `, forward: { crm: { path: ${PATH}, url: "${receiver.url}", secret: of-the-crm } }`;
  const config = writeServed(home, port, forward);
  await receiver.close();
  let host = await serve(config);
  const bodies = Array.from({ length: 60 }, (_, index) => bodyOf({ id: `r${index}`, order: '1', text: `${index}` }));
  for (const [index, body] of bodies.entries()) {
    await sent(port, body);
    if (index === 20) await host.printed(/webhook not forwarded.*ECONNREFUSED/);
    if (index % 20 !== 19) continue;
    await host.kill('SIGKILL');
    if (index === 39) await receiver.listen();
    host = await serve(config);
  }
  const texts = () => new Set(receiver.got.map(({ body }) => `${body}`));
  await until(() => bodies.every((body) => texts().has(body)), 'each webhook is forwarded');
  const { stderr } = await host.kill('SIGTERM');
  const idsOf = (body: string) => new Set(receiver.got.filter((got) => `${got.body}` === body).map(({ id }) => id));
  expect(bodies.filter((body) => idsOf(body).size !== 1)).toEqual([]);
  for (const got of receiver.got) expect(await isSigned(got, 'of-the-crm')).toBe(true);
  expect(stderr).not.toContain('of-the-crm');
  expect(await waiting(home, 'forward')).toBe(0);
  await receiver.close();
}, 120_000);

it('logs no warning when it loads the database', async () => {
  const host = await serve(writeServed(folder(), await freePort()));
  const { stderr, code } = await host.kill('SIGTERM');
  expect([stderr.match(/warning/i), code]).toEqual([null, 0]);
});
