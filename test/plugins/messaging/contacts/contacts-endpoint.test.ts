import { describe, expect, it } from '@jest/globals';
import { fakeHttp } from 'esp-host/testing';
import got from 'got';
import { ApiClient } from '../../../../plugins/messaging/api/channel-api.js';
import { ApiKey } from '../../../../plugins/messaging/api/credentials.js';
import { ApiHttp } from '../../../../plugins/messaging/api/http.js';
import { ContactsEndpoint, callsEveryNumberValid } from '../../../../plugins/messaging/contacts/contacts-endpoint.js';
import { Metrics, Secret } from '../../../../src/index.js';

it.each([
  ['2.41.3', false],
  ['2.42.99', false],
  ['2.43', true],
  ['2.43.0', true],
  ['2.45.1', true],
  ['v2.45.1', true],
  ['2.5.1', false],
  ['3.0', true],
  ['1.99.0', false],
  ['2.4', false],
  ['x2.45', undefined],
  ['2', undefined],
  ['latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s: %s', (version, expected) => expect(callsEveryNumberValid(version)).toBe(expected));

describe('an answer', () => {
  const url = 'http://whatsapp.example';
  const replying = (body: object | null, unversioned: 'old' | 'new' = 'old') => {
    const http = fakeHttp([{ method: 'POST', url: `${url}/v1/contacts`, body: JSON.stringify(body) }]);
    const key = new ApiKey({ header: 'd360-api-key', apiKey: new Secret('k3y') });
    const client = new ApiClient(new ApiHttp('one', { url, timeoutMs: 5000 }, http.over(got), new Metrics()), key);
    return { http, endpoint: new ContactsEndpoint(client, 'one', unversioned) };
  };
  const endpoint = (...given: Parameters<typeof replying>) => replying(...given).endpoint;
  const FAILED = 'the answer is not that of a contacts endpoint';

  it.each([[{}], [{ contacts: 'none' }], [{ contacts: [{ input: '+1' }] }], [null]])(
    '%j fails the call',
    async (answer) => {
      await expect(endpoint(answer).lookUpAll(['+1'])).rejects.toMatchObject({
        why: FAILED,
        cause: { outcome: 'answered', code: 'ESP_MESSAGING_BAD_ANSWER' },
      });
    },
  );

  it('has an answer or an error for each number', async () => {
    const contacts = [
      { input: 'a', status: 'valid', wa_id: '17' },
      { input: 'b', status: 'valid', wa_id: 'x17' },
      { input: 'c', status: 'valid' },
      { input: 'd', status: 'invalid' },
      { input: 'e', status: 'processing' },
    ];
    const answers = await endpoint({ contacts, meta: { version: '2.41.3' } }).lookUpAll(['a', 'b', 'c', 'd', 'e']);
    const about = { unreliable: false, version: '2.41.3', knownSince: expect.any(Number) };
    expect(answers.get('a')).toEqual({ ...about, number: '+17' });
    expect([answers.get('b'), answers.get('c')]).toMatchObject([{ why: FAILED }, { why: FAILED }]);
    expect(answers.get('d')).toEqual({ ...about, number: undefined });
    expect(answers.get('e')).toEqual({ ...about, number: undefined, knownSince: undefined });
  });

  it('is to the numbers, which are looked up before it comes', async () => {
    const { endpoint: contacts, http } = replying({ contacts: [] });
    expect(await contacts.lookUpAll(['+1', '+2'])).toEqual(new Map());
    expect(http.calls.map(({ body }) => JSON.parse(body))).toEqual([
      { blocking: 'wait', contacts: ['+1', '+2'], force_check: false },
    ]);
  });

  it('may be kept if it is final, and has a number of up to 20 digits', async () => {
    const contacts = [
      { input: 'a', status: 'failed' },
      { input: 'b', status: 'invalid' },
      { input: 'c', status: 'other' },
      { input: 'd', status: 'valid', wa_id: '1'.repeat(20) },
      { input: 'e', status: 'valid', wa_id: '1'.repeat(21) },
      { input: 'f', status: 'valid', wa_id: 17 },
    ];
    const answers = await endpoint({ contacts }).lookUpAll([]);
    const kept = [...answers].map(([input, answer]) => [
      input,
      'knownSince' in answer && answer.knownSince !== undefined,
    ]);
    expect(Object.fromEntries(kept)).toEqual({ a: true, b: true, c: false, d: true, e: false, f: false });
    expect(answers.get('d')).toMatchObject({ number: `+${'1'.repeat(20)}` });
    expect([answers.get('e'), answers.get('f')]).toMatchObject([{ why: FAILED }, { why: FAILED }]);
  });

  it('has a version of up to 40 characters', async () => {
    const versions = [`2.45.${'1'.repeat(35)}`, `2.45.${'1'.repeat(36)}`, 2.45].map(async (version) => {
      const contacts = [{ input: 'a', status: 'invalid' }];
      const found = (await endpoint({ contacts, meta: { version } }).lookUpAll([])).get('a');
      return found instanceof Error ? found : [found?.version, found?.unreliable];
    });
    const none = [undefined, false];
    expect(await Promise.all(versions)).toEqual([[`2.45.${'1'.repeat(35)}`, true], none, none]);
  });

  it('without a version is as reliable as its endpoint', async () => {
    const unreliable = async (unversioned: 'old' | 'new') =>
      (await endpoint({ contacts: [{ input: 'a', status: 'invalid' }] }, unversioned).lookUpAll(['a'])).get('a');
    expect([await unreliable('old'), await unreliable('new')]).toMatchObject([
      { unreliable: false, version: undefined },
      { unreliable: true, version: undefined },
    ]);
  });
});
