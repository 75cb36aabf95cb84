import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from '@jest/globals';
import { Records, StateFile } from '../../src/state/index.js';
import { file, folder, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { killPrograms, Program } from '../support/processes.js';
import { bodyOf, post, type Receipt, SECRET } from '../support/webhooks.js';

afterEach(killPrograms);
afterAll(removeFolders);

/** A plugin in JavaScript, as `serve` loads it. Each event takes long enough to be killed in its middle. */
const PLUGIN = `import { definePlugin, isSignedWith, Secret, Webhook, WebhookRefusedError } from 'esp-host';
class Receipts {
  receive({ body, headers, json }) {
    if (!isSignedWith(new Secret('${SECRET}'), body, headers['x-signature'])) throw new WebhookRefusedError(401, 'wrong');
    return json().receipts.map((receipt) => ({ id: receipt.id, key: receipt.order, data: receipt }));
  }
  async handle({ id, data }, { state }) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const keep = { keepMs: 3600000 };
    await state.put('order/' + data.order, [...((await state.get('order/' + data.order)) ?? []), data.text], keep);
    await state.put('receipt/' + id, ((await state.get('receipt/' + id)) ?? 0) + 1, keep);
  }
}
Webhook('/webhooks/receipts')(Receipts);
export default definePlugin({ name: 'receipts', methods: [], webhooks: [Receipts] });
`;

const ORDERS = 20;
const RECEIPTS = 300;

async function writeProject(): Promise<{ config: string; port: number; state: string }> {
  const home = folder();
  const port = await freePort();
  file('index.mjs', PLUGIN, home);
  file('package.json', '{"type":"module","exports":"./index.mjs"}', home);
  const config = file(
    'config.yaml',
    `application: { name: DMS }
plugins: [{ use: . }]
listeners: { esp: { port: 0 }, metrics: { enabled: false }, webhooks: { port: ${port} } }
state: { file: state.db }
`,
    home,
  );
  return { config, port, state: join(home, 'state.db') };
}

async function serve(config: string): Promise<Program> {
  const host = new Program(['serve', '--config', config]);
  await host.printed(/listens for ESP/);
  return host;
}

/** Sends each receipt until it is acknowledged, as a provider does, and some of them again. */
async function deliver(port: number, receipts: readonly Receipt[], acknowledged: (count: number) => Promise<void>) {
  let count = 0;
  for (const [index, receipt] of receipts.entries()) {
    for (;;) {
      const answer = await post(port, bodyOf(receipt)).catch(() => undefined);
      if (answer?.status === 200) break;
    }
    if (index % 5 === 0) await post(port, bodyOf(receipt)).catch(() => undefined);
    await acknowledged(++count);
  }
}

it('what was acknowledged has its effect exactly once, though the host is killed again and again', async () => {
  const { config, port, state } = await writeProject();
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
  // A graceful stop finishes what is being handled; the next start handles what is left.
  await host.kill('SIGTERM');
  const file = await StateFile.open(state);
  const left = (await file.do('waiting', {})).length;
  await file.close();
  if (left > 0) {
    host = await serve(config);
    await host.said(/webhook events of an earlier run are handled/);
    await host.kill('SIGTERM');
  }
  const end = await StateFile.open(state);
  const records = new Records(end, 'receipts');
  const effects = await Promise.all(receipts.map(({ id }) => records.get(`receipt/${id}`)));
  expect(effects.filter((times) => times !== 1)).toEqual([]);
  for (let order = 0; order < ORDERS; order++) {
    const own = receipts.filter((one) => one.order === `${order}`).map(({ text }) => text);
    expect(await records.get(`order/${order}`)).toEqual(own);
  }
  await end.close();
}, 120_000);

it('warns of nothing when it loads the database', async () => {
  const { config } = await writeProject();
  const host = await serve(config);
  const { stderr, code } = await host.kill('SIGTERM');
  expect([stderr.match(/warning/i), code]).toEqual([null, 0]);
});
