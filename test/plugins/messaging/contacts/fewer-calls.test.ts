import { afterEach, describe, expect, it } from '@jest/globals';
import { outcome, request } from '../../../support/raw-client.js';
import { answers, found, metric, numbers, onPremises, Setting } from '../setting.js';
import type { WhatsAppApi } from '../whatsapp-api.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const CONTACTS = '/v1/contacts';
const cache = (result: string) => `esp_contacts_cache_total{channel="whatsapp",result="${result}"}`;

/** Holds the answers to contacts calls back until they are let go. */
function holdBack(api: WhatsAppApi): { readonly arrived: Promise<void>; letGo(): void } {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<undefined>();
  api.respondWith(({ path }) => {
    if (path !== CONTACTS) return undefined;
    arrived.resolve();
    return gate.promise;
  });
  return { arrived: arrived.promise, letGo: () => gate.resolve(undefined) };
}

describe('concurrent lookups', () => {
  it('of one number share one call', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url) });
    const ids = Array.from({ length: 1000 }, () => KNOWN);
    expect(await answers(await setting.client(host), ...ids)).toEqual(ids.map(found));
    expect(api.calls.count(CONTACTS)).toBe(1);
    expect(api.calls.list().flatMap(({ contacts }) => contacts ?? [])).toEqual([KNOWN]);
    expect(await metric(host, cache('joined'))).toBe(999);
    expect(await metric(host, cache('miss'))).toBe(1);
  });

  it('of 1,000 numbers take at most 20 calls, and each gets its own answer', async () => {
    const ids = numbers(1000);
    const api = await setting.api({ numbers: ids.filter((_, index) => index % 3 > 0) });
    const host = await setting.host({ whatsapp: onPremises(api.url) });
    const expected = ids.map((id, index) => found(index % 3 > 0 ? id : ''));
    expect(await answers(await setting.client(host), ...ids)).toEqual(expected);
    expect(api.calls.count(CONTACTS) + api.calls.count('/v1/users/login')).toBeLessThanOrEqual(20);
    const answered = 'esp_contacts_calls_total{channel="whatsapp",outcome="answered"}';
    expect(await metric(host, answered)).toBe(api.calls.list().length);
  });

  it('are made at once, one by one, if batches do not wait', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url, ', batch: { waitMs: 0 }') });
    await answers(await setting.client(host), ...numbers(5));
    expect(api.calls.count(CONTACTS)).toBe(5);
  });

  it('form batches of the configured size while others are in progress', async () => {
    const api = await setting.api();
    const { arrived, letGo } = holdBack(api);
    const more = ', batch: { size: 4, waitMs: 0 }, calls: { atOnce: 1 }';
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, more) }));
    const all = answers(client, ...numbers(10));
    await arrived;
    letGo();
    await all;
    const sizes = api.calls.list().flatMap(({ contacts }) => (contacts === undefined ? [] : [contacts.length]));
    expect(sizes).toEqual([1, 4, 4, 1]);
  });

  it('continue after the deadline of the request that started them, for the next one', async () => {
    const api = await setting.api();
    const { arrived, letGo } = holdBack(api);
    const host = await setting.host({ whatsapp: onPremises(api.url) }, '{ deadlineMs: 100 }');
    const client = await setting.client(host);
    expect((await answers(client, KNOWN))[0]).toMatch(/deadline of 100 ms passed$/);
    await arrived;
    letGo();
    await setting.log.line(/finished too late/);
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
    expect(api.calls.count(CONTACTS)).toBe(1);
  });

  it('continue if the client that started them disconnects, for those that joined', async () => {
    const api = await setting.api();
    const { arrived, letGo } = holdBack(api);
    const host = await setting.host({ whatsapp: onPremises(api.url) });
    const [first, second] = [await setting.client(host), await setting.client(host)];
    first.send(request(1, 'Messaging', 'ValidateContact', { Id: KNOWN }));
    await arrived;
    const answer = second.ask(request(2, 'Messaging', 'ValidateContact', { Id: KNOWN }));
    await first.close();
    letGo();
    expect(outcome(await answer)).toBe(found(KNOWN));
    expect(api.calls.count(CONTACTS)).toBe(1);
  });
});

describe('a batch', () => {
  const [one = '', two = '', three = ''] = numbers(3);

  it('fails only for a number that is missing or malformed in the answer', async () => {
    const api = await setting.api();
    const contacts = [
      { input: two, status: 'valid', wa_id: two.slice(1) },
      { input: three, status: 'valid' },
    ];
    api.respondWith(({ path }) => (path === CONTACTS ? { status: 200, body: { contacts } } : undefined));
    const failed = '920 whatsapp failed to execute request Messaging.ValidateContact:';
    expect(await setting.ask(onPremises(api.url), one, two, three)).toEqual([
      `${failed} the number is not in the answer`,
      found(two),
      `${failed} the answer is not that of a contacts endpoint`,
    ]);
    expect(api.calls.count(CONTACTS)).toBe(1);
  });

  it('fails for each number if the call fails, and is not cached', async () => {
    const api = await setting.api({ numbers: [one, two] });
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url) }));
    api.respondWith(({ path }) => (path === CONTACTS ? { status: 500 } : undefined));
    const failed = '920 whatsapp failed to execute request Messaging.ValidateContact: status 500';
    expect(await answers(client, one, two)).toEqual([failed, failed]);
    api.respondWith(undefined);
    expect(await answers(client, one, two)).toEqual([found(one), found(two)]);
  });
});

describe('the cache', () => {
  it('answers cached numbers without another call, however they are written', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url) });
    const client = await setting.client(host);
    const ids = ['+1-631-555-1002', '+1 (631) 555 1002', '6315551002'];
    for (let round = 0; round < 3; round++) {
      expect(await answers(client, ...ids)).toEqual([found(KNOWN), found(KNOWN), found('')]);
    }
    expect(api.calls.count(CONTACTS)).toBe(1);
    expect(await metric(host, cache('hit'))).toBe(6);
  });

  it('separates channels', async () => {
    const [one, two] = [await setting.api(), await setting.api({ numbers: [] })];
    const client = await setting.client(await setting.host({ one: onPremises(one.url), two: onPremises(two.url) }));
    const ask = async (_umsChannel: string) =>
      outcome(await client.ask(request(1, 'Messaging', 'ValidateContact', { Id: KNOWN, _umsChannel })));
    expect([await ask('one'), await ask('two'), await ask('one')]).toEqual([found(KNOWN), found(''), found(KNOWN)]);
  });

  it('does not cache answers that may change', async () => {
    const api = await setting.api();
    const body = { contacts: [{ input: KNOWN, status: 'processing', wa_id: '16315551002' }] };
    api.respondWith(({ path }) => (path === CONTACTS ? { status: 200, body } : undefined));
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url) }));
    expect(await answers(client, KNOWN)).toEqual([found('')]);
    api.respondWith(undefined);
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
  });

  it('keeps the version of the API client: whenAlwaysValid applies to each request', async () => {
    const api = await setting.api({ version: '2.45.1' });
    const host = await setting.host({ whatsapp: onPremises(api.url, ', whenAlwaysValid: empty') });
    const client = await setting.client(host);
    expect(await answers(client, KNOWN)).toEqual([found('')]);
    expect(await answers(client, KNOWN)).toEqual([found('')]);
    expect(api.calls.count(CONTACTS)).toBe(1);
    expect(await metric(host, 'esp_contacts_unreliable_total{channel="whatsapp"}')).toBe(2);
  });

  it.each([
    [', cache: { confirmedMs: 0 }', 2, 1],
    [', cache: { unconfirmedMs: 0 }', 1, 2],
    [', cache: { size: 0 }', 2, 2],
  ])('with%s', async (more, confirmed, unconfirmed) => {
    const api = await setting.api();
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, more) }));
    const unknown = '+4930123456';
    for (const id of [KNOWN, unknown, KNOWN, unknown]) await answers(client, id);
    const asked = api.calls.list().flatMap(({ contacts }) => contacts ?? []);
    expect(asked.filter((id) => id === KNOWN)).toHaveLength(confirmed);
    expect(asked.filter((id) => id === unknown)).toHaveLength(unconfirmed);
  });
});
