import { afterEach, expect, it } from '@jest/globals';
import { outcome, request } from '../../../support/raw-client.js';
import { found, metric, numbers, onPremises, Setting } from '../setting.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const CONTACTS = '/v1/contacts';

/** A host with a channel whose API never answers and one whose API is well, and one connection to both. */
async function start(more: string) {
  const [sick, well] = [await setting.api(), await setting.api()];
  sick.respondWith(({ path }) => (path === CONTACTS ? 'hang' : undefined));
  const host = await setting.host({ sick: onPremises(sick.url, more), well: onPremises(well.url) });
  return { sick, host, client: await setting.client(host) };
}

it("one channel's trouble never slows another, even over one connection", async () => {
  const { sick, host, client } = await start(', batch: { size: 10, waitMs: 1000 }, calls: { atOnce: 2, queued: 50 }');
  const ids = numbers(200);
  client.send(
    ...ids.map((Id, index) => request(index, 'Messaging', 'ValidateContact', { Id, _umsChannel: 'sick' })),
    request(1000, 'Messaging', 'ValidateContact', { Id: KNOWN, _umsChannel: 'well' }),
  );
  // 2 calls of 10 numbers are under way and 50 numbers wait: all others are turned away, and only then comes the answer.
  const replies = await client.messages(200 - 20 - 50 + 1);
  expect(replies.map(outcome).at(-1)).toBe(found(KNOWN));
  const overloaded = '920 sick failed to execute request Messaging.ValidateContact: overloaded';
  expect(replies.slice(0, -1).map(outcome)).toEqual(Array(130).fill(overloaded));
  expect(await metric(host, 'esp_contacts_turned_away_total{channel="sick",reason="queue"}')).toBe(130);
  expect(sick.calls.list().filter(({ contacts }) => contacts?.length === 10)).toHaveLength(sick.calls.count(CONTACTS));
  expect(sick.calls.count(CONTACTS)).toBeLessThanOrEqual(2);
});

it('looks up waiting numbers as soon as there is room', async () => {
  const { sick, client } = await start(', batch: { size: 10, waitMs: 1000 }, calls: { atOnce: 1, queued: 50 }');
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<undefined>();
  sick.respondWith(({ path }) => {
    if (path !== CONTACTS) return undefined;
    arrived.resolve();
    return gate.promise;
  });
  const ids = numbers(30);
  client.send(...ids.map((Id, index) => request(index, 'Messaging', 'ValidateContact', { Id, _umsChannel: 'sick' })));
  await arrived.promise;
  expect(sick.calls.count(CONTACTS)).toBe(1);
  gate.resolve(undefined);
  expect((await client.messages(30)).map(outcome)).toEqual(Array(30).fill(found('')));
  expect(sick.calls.count(CONTACTS)).toBe(3);
});
