import { afterEach, expect, it } from '@jest/globals';
import { request } from '../../../support/raw-client.js';
import { answers, EACH_ALONE, found, numbers, onPremises, Setting } from '../setting.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

it('delays calls above the limit, so that no second has more', async () => {
  const api = await setting.api({ contactsPerSecond: 8 });
  const more = `${EACH_ALONE}, limits: { callsPerSecond: 5 }`;
  const host = await setting.host({ whatsapp: onPremises(api.url, more) });
  const ids = numbers(9);
  expect(await answers(await setting.client(host), ...ids)).toEqual(ids.map(() => found('')));
  expect(api.calls.count('/v1/contacts')).toBe(9);
});

it('fills a call while it waits for its turn', async () => {
  const api = await setting.api();
  const more = ', batch: { waitMs: 0 }, limits: { callsPerSecond: 1 }';
  const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, more) }));
  const [known = '', ...others] = numbers(4);
  await answers(client, known);
  client.send(...others.map((Id) => request(100, 'Messaging', 'ValidateContact', { Id })));
  await client.messages(4);
  expect(api.calls.list().map(({ contacts }) => contacts?.length)).toEqual([undefined, 1, 3]);
});
