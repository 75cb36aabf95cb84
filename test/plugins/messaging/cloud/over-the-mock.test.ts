import { afterEach, describe, expect, it } from '@jest/globals';
import type { Server } from '#server';
import { outcome, type RawClient, request } from '../../../support/raw-client.js';
import { RedisServer } from '../../../support/redis-server.js';
import { redisIt } from '../../../support/redis-tests.js';
import { INDIA, metric, Setting, WELCOME } from '../setting.js';
import type { WhatsAppApi, WhatsAppApiOptions } from '../whatsapp-api.js';
import { CODES } from './codes.js';

/** A host over sockets, before the mock of Cloud API. */

let setting = new Setting();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  await setting.end();
  for (const end of ends.splice(0)) await end();
  setting = new Setting();
});

const CUSTOMER = '+16315551002';
const TOKEN = 'EAAG-hunter2-token';
const METHOD = 'ChatService.InviteToChat';
const IDS = { phoneNumberId: '1064', businessAccountId: '1029' };
const CLOUD: WhatsAppApiOptions['cloud'] = { ...IDS, token: TOKEN, messagesPerSecond: 1000 };

const channel = (url: string, { api = {}, template = {} } = {}): string => {
  const { namespace, body, language, ...rest } = WELCOME;
  const welcome = { ...rest, language: { code: language }, parameters: ['support team'], ...template };
  return JSON.stringify({
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: { driver: 'cloud', url, token: TOKEN, ...IDS, ...api },
    contacts: { from: 'number-plan' },
    invitations: { default: 'welcome', templates: { welcome } },
  });
};

const invitation = (referenceId: number, parameters: object = {}) =>
  request(referenceId, 'ChatService', 'InviteToChat', {
    _umsClientId: CUSTOMER,
    _umsBusinessId: INDIA,
    ...parameters,
  });

const invite = async (client: RawClient, parameters: object = {}): Promise<string> =>
  outcome(await client.ask(invitation(1, parameters)));

async function inviteAll(client: RawClient, customers: readonly string[]): Promise<string[]> {
  const before = client.received.length;
  client.send(...customers.map((_umsClientId, index) => invitation(index, { _umsClientId })));
  return (await client.messages(before + customers.length)).slice(before).map((reply) => outcome(reply));
}

const start = async (
  parts: Parameters<typeof channel>[1] = {},
  cloud: WhatsAppApiOptions['cloud'] = {},
): Promise<{ api: WhatsAppApi; host: Server; client: RawClient }> => {
  const api = await setting.api({ cloud: { ...CLOUD, ...cloud } });
  const host = await setting.host({ whatsapp: channel(api.url, parts) });
  return { api, host, client: await setting.client(host) };
};

it('an invitation is in the same outbox as those of the On-Premises API', async () => {
  const { api, host, client } = await start();
  const id = JSON.parse(await invite(client)).MessageId;
  expect(id).toMatch(/^wamid\./);
  expect(api.messages.list()).toEqual([
    expect.objectContaining({ id, to: CUSTOMER, template: WELCOME.name, text: 'Our support team writes to you.' }),
  ]);
  await invite(client, { _umsClientId: 'US.13491208655302741918' });
  expect(api.messages.list().at(-1)).toMatchObject({ to: 'US.13491208655302741918' });
  expect(await metric(host, 'esp_invitations_total{channel="whatsapp",outcome="sent"}')).toBe(2);
});

it.each(CODES)('error %i is answered, and sent once: %s', async (code, _status, fault) => {
  const { api, host, client } = await start();
  api.cloud.failNext(code);
  const expected = fault.replace('https://graph.example', api.url);
  const text = expected.startsWith('901') ? expected : `920 whatsapp failed to execute request ${METHOD}: ${expected}`;
  expect(await invite(client)).toBe(text);
  expect(api.calls.count('/v26.0/1064/messages')).toBe(1);
  expect(await metric(host, `esp_messages_errors_total{channel="whatsapp",code="${code}"}`)).toBe(1);
  expect(setting.log.lines.join('\n')).not.toContain(TOKEN);
});

it('a number of the mock can have an error of its own', async () => {
  const { api, client } = await start({}, { errors: { '+15162837151': 131026 } });
  expect(await invite(client, { _umsClientId: '+15162837151' })).toMatch(/error 131026: undeliverable/);
  expect(await invite(client)).toMatch(/MessageId/);
  expect(api.messages.list()).toHaveLength(1);
});

it('a wrong token is 901, and the host starts all the same', async () => {
  const { client, api } = await start({ api: { token: 'hunter3' } });
  await setting.log.line(/WARN .*invitations\.templates could not be checked: templates refused: status 401: 190 /);
  expect(await invite(client)).toBe(`901 whatsapp connection with ${api.url} failed`);
  expect(setting.log.lines.join('\n')).not.toContain('hunter');
});

describe('a template that is not approved', () => {
  const template = { parameters: ['a', 'b'] };

  it('is a warning with file, line and column', async () => {
    await start({ template });
    await setting.log.line(
      /WARN {2}\S+config\.yaml:3:\d+: channels\.whatsapp\.invitations\.templates\.welcome\.parameters must have 1 texts/,
    );
  });

  it('stops the start of a strict channel', async () => {
    await expect(start({ template, api: { checkTemplates: 'strict' } })).rejects.toThrow(
      /config\.yaml:3:\d+: channels\.whatsapp\.invitations\.templates\.welcome\.parameters must have 1 texts/,
    );
  });
});

describe('limits', () => {
  it('refuse the 46th message to a customer, before the API does', async () => {
    const { api, host, client } = await start();
    const all = await inviteAll(client, Array(46).fill(CUSTOMER));
    expect(all.filter((one) => /MessageId/.test(one))).toHaveLength(45);
    expect(all.filter((one) => /too many messages to this customer; try again in \d s$/.test(one))).toHaveLength(1);
    expect(api.calls.count('/v26.0/1064/messages')).toBe(45);
    expect(await metric(host, 'esp_messages_limited_total{channel="whatsapp",limit="pair"}')).toBe(1);
  });

  it('of the API bite as well', async () => {
    const { api, client } = await start({ api: { limits: { messagesPerSecond: 1000 } } }, { messagesPerSecond: 1 });
    const all = await inviteAll(client, ['+4930123451', '+4930123452', '+4930123453']);
    expect(all.filter((one) => /error 130429: .*; try again in 1 s$/.test(one)).length).toBeGreaterThan(0);
    expect(api.messages.list().length).toBeLessThan(3);
  });

  it('delay what exceeds the throughput, so that the API refuses nothing', async () => {
    const { host, client } = await start({ api: { limits: { messagesPerSecond: 5 } } }, { messagesPerSecond: 6 });
    const all = await inviteAll(
      client,
      ['1', '2', '3', '4', '5', '6', '7', '8'].map((digit) => `+493012345${digit}`),
    );
    expect(all.every((one) => /MessageId/.test(one))).toBe(true);
    expect(await metric(host, 'esp_messages_limited_total{channel="whatsapp",limit="throughput"}')).toBeGreaterThan(5);
  });

  it('count the customers of a day', async () => {
    const { host, client } = await start({ api: { limits: { usersPerDay: 2 } } });
    expect(await invite(client, { _umsClientId: '+4930123451' })).toMatch(/MessageId/);
    expect(await invite(client, { _umsClientId: '+4930123452' })).toMatch(/MessageId/);
    expect(await metric(host, 'esp_messages_users_left{channel="whatsapp"}')).toBe(0);
    expect(await invite(client, { _umsClientId: '+4930123453' })).toMatch(
      /limit of 2 customers in 24 hours is reached; try again in 86\d{3} s$/,
    );
    expect(await invite(client, { _umsClientId: '+4930123451' })).toMatch(/MessageId/);
  });

  redisIt('are those of two hosts together, and without Redis the service goes on', async () => {
    const redis = await RedisServer.start({ password: 'r3d1s-hush' });
    ends.push(() => redis.stop());
    const api = await setting.api({ cloud: CLOUD });
    const options = `{ sharedState: { redis: { url: "${redis.url}", password: r3d1s-hush, timeoutMs: 10000 } } }`;
    const limits = { usersPerDay: 3 };
    const open = async () =>
      setting.client(await setting.host({ whatsapp: channel(api.url, { api: { limits } }) }, '{}', options));
    const [one, two] = [await open(), await open()];
    expect(await invite(one, { _umsClientId: '+4930123451' })).toMatch(/MessageId/);
    expect(await invite(two, { _umsClientId: '+4930123452' })).toMatch(/MessageId/);
    expect(await invite(one, { _umsClientId: '+4930123453' })).toMatch(/MessageId/);
    expect(await invite(two, { _umsClientId: '+4930123454' })).toMatch(/limit of 3 customers in 24 hours is reached/);
    await redis.stop();
    await setting.log.line(/WARN {2}redis \S+ is down/);
    expect(await invite(two, { _umsClientId: '+4930123455' })).toMatch(/MessageId/);
    expect(api.messages.list()).toHaveLength(4);
    expect(api.calls.count('/v26.0/1064/messages')).toBe(4);
  });
});
