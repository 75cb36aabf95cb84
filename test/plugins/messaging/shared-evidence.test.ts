import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Server } from '#server';
import { messagingOptions } from '../../../plugins/messaging/config/index.js';
import { EVIDENCE_KINDS, type Evidence, newest } from '../../../plugins/messaging/contacts/evidence.js';
import { SharedEvidence } from '../../../plugins/messaging/contacts/shared-evidence.js';
import { sharedRedis } from '../../../plugins/messaging/redis.js';
import { Metrics } from '../../../src/telemetry/index.js';
import { CapturedLogger } from '../../../src/testing/captured-logger.js';
import { until } from '../../support/eventually.js';
import { folder, ROOT, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import type { RawClient } from '../../support/raw-client.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisDescribe } from '../../support/redis-tests.js';
import { post, signatureOf } from '../../support/webhooks.js';
import { answers, found, INDIA, metric, Setting } from './setting.js';

afterAll(removeFolders);

const [NUMBER, OTHER] = ['+16315551002', '+15162837151'];
const SECRET = 'the-secret-of-the-app';
const NOW_S = Math.floor(Date.now() / 1000);

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

/** The config of a host that reads evidence anew with each request. The first of two has a state file and takes webhooks. */
const config = (redisUrl: string, prefix: string, state?: string): string => `application: { name: DMS }
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "${INDIA}"
    api: { driver: cloud, url: "http://127.0.0.1:1", phoneNumberId: "1064", businessAccountId: "1029", token: t, appSecret: ${SECRET} }
    contacts: { from: evidence, whenUnknown: empty, cache: { keepMs: 0 } }
plugins:
  - use: ${ROOT}plugins/messaging
    options: { sharedState: { redis: { url: "${redisUrl}", keyPrefix: "${prefix}", timeoutMs: 10000 } } }
listeners: { esp: { port: 0 }, metrics: { port: 0 }${state === undefined ? '' : ', webhooks: { port: 0 }'} }
${state === undefined ? '' : `state: { file: ${state} }`}
`;

let wamids = 0;
async function reports(host: Server, status: string, at = NOW_S, number = NUMBER): Promise<void> {
  const errors = status === 'failed' ? { errors: [{ code: 131026 }] } : {};
  const recipient = number.slice(1);
  const one = { id: `wamid.${wamids++}`, status, timestamp: String(at), recipient_id: recipient, ...errors };
  const value = { metadata: { phone_number_id: '1064' }, statuses: [one] };
  const entry = [{ id: '1029', changes: [{ field: 'messages', value }] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  const headers = { 'x-hub-signature-256': signatureOf(body, SECRET) };
  const events = `esp_whatsapp_events_total{channel="whatsapp",event="${status}"}`;
  const before = (await metric(host, events)) ?? 0;
  const posted = await post(host.webhooksAddress?.port ?? 0, body, { path: '/webhooks/whatsapp', headers });
  expect(posted.status).toBe(200);
  await until(async () => ((await metric(host, events)) ?? 0) > before);
}

const answer = async (client: RawClient | undefined, number = NUMBER): Promise<string | undefined> =>
  client && (await answers(client, number))[0];

redisDescribe('two hosts that share a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  let prefixes = 0;
  async function pair() {
    const prefix = `evidence-${prefixes++}:`;
    const first = await setting.serve(config(redis.url, prefix, 'state.db'));
    const second = await setting.serve(config(redis.url, prefix));
    return { prefix, first, clients: [await setting.client(first), await setting.client(second)] as const };
  }

  it('share evidence', async () => {
    const { prefix, first, clients } = await pair();
    expect(await Promise.all(clients.map((client) => answer(client)))).toEqual([found(''), found('')]);
    await reports(first, 'read');
    for (const client of clients) await until(async () => (await answer(client)) === found(NUMBER));
    await reports(first, 'failed', NOW_S - 60);
    expect(await Promise.all(clients.map((client) => answer(client)))).toEqual([found(NUMBER), found(NUMBER)]);
    await reports(first, 'failed', NOW_S + 60);
    for (const client of clients) await until(async () => (await answer(client)) === found(''));
    const store = await redis.client();
    const WEEK_MS = 7 * 86_400_000;
    const left = await store.pTTL(`${prefix}evidence:${NUMBER}`);
    expect(left).toBeGreaterThan(WEEK_MS);
    expect(left).toBeLessThanOrEqual(WEEK_MS + 61_000);
    store.destroy();
  });

  it('go on with what they know while it is down, and share it when it is back', async () => {
    const { first, clients } = await pair();
    await reports(first, 'read');
    for (const client of clients) await until(async () => (await answer(client)) === found(NUMBER));
    await redis.stop();
    await setting.log.line(/WARN {2}redis 127\.0\.0\.1:\d+ is down/, 1);
    await reports(first, 'delivered', NOW_S, OTHER);
    await until(async () => (await answer(clients[0], OTHER)) === found(OTHER));
    expect([await answer(clients[0]), await answer(clients[1]), await answer(clients[1], OTHER)]).toEqual([
      found(NUMBER),
      found(''),
      found(''),
    ]);
    await redis.start();
    await setting.log.line(/INFO {2}redis 127\.0\.0\.1:\d+ is back/, 1);
    await until(async () => {
      await answer(clients[0]);
      return (await answer(clients[1], OTHER)) === found(OTHER);
    });
  });

  it('keep the newest evidence, in whatever order and however often each writes it', async () => {
    const options = messagingOptions.parse({ sharedState: { redis: { url: redis.url, keyPrefix: 'newest:' } } });
    const server = options.sharedState?.redis;
    if (server === undefined) throw new TypeError('no server');
    const shared = sharedRedis({ ...server, timeoutMs: 10_000 }, new CapturedLogger([]), new Metrics());
    await shared.start();
    const hosts = [new SharedEvidence(shared, Date.now), new SharedEvidence(shared, Date.now)] as const;
    const START = Date.now();
    const evidence: fc.Arbitrary<Evidence> = fc.record({
      kind: fc.constantFrom(...EVIDENCE_KINDS),
      at: fc.integer({ min: -2, max: 2 }).map((seconds) => START + seconds * 1000),
    });
    let numbers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(evidence, fc.nat(1)), { minLength: 1, maxLength: 12 }), async (all) => {
        const number = `+4930${1_000_000 + numbers++}`;
        await Promise.all(all.map(([one, host]) => hosts[host as 0 | 1].write(number, one, START + 3_600_000)));
        expect(await hosts[0].read(number)).toEqual(newest(...all.map(([one]) => one)));
      }),
    );
    await shared.close();
  });

  it('replace malformed entries', async () => {
    const { prefix, first, clients } = await pair();
    const store = await redis.client();
    for (const text of ['x', '-5', '']) {
      await store.set(`${prefix}evidence:${NUMBER}`, text);
      expect(await answer(clients[1])).toBe(found(''));
    }
    await reports(first, 'read');
    await until(async () => (await answer(clients[1])) === found(NUMBER));
    store.destroy();
  });
});

it('a host reads its evidence from the state file after a restart', async () => {
  const text = config(`redis://127.0.0.1:${await freePort()}`, 'none:', join(folder(), 'state.db'));
  const first = await setting.serve(text);
  await reports(first, 'read');
  const client = await setting.client(first);
  await until(async () => (await answer(client)) === found(NUMBER));
  await first.stop();
  const again = await setting.client(await setting.serve(text));
  expect(await answer(again)).toBe(found(NUMBER));
});
