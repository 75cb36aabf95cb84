import { createHmac } from 'node:crypto';
import { afterEach, expect, it, jest } from '@jest/globals';
import { Secret } from 'esp-host';
import { type ChannelValues, type TestedPlugin, testPlugin } from 'esp-host/testing';
import messaging from '../../../../plugins/messaging/index.js';

const PATH = '/webhooks/whatsapp';
const WAMID = 'wamid.HBgLMTYzMTU1NTEwMDIVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA';
const NUMBER = '16315551002';

const channel = (digit: string, appSecret?: string): ChannelValues => ({
  type: 'whatsapp',
  phoneNumber: `+91987654321${digit}`,
  api: {
    driver: 'cloud',
    phoneNumberId: `10654035224292${digit}`,
    businessAccountId: `10229012934039${digit}`,
    token: 'the-token-of-a-system-user',
    ...(appSecret === undefined ? {} : { appSecret, verifyToken: `verify-${appSecret}` }),
  },
  contacts: { from: 'number-plan' },
});

let plugin: TestedPlugin;
afterEach(() => {
  jest.restoreAllMocks();
  return plugin.stop();
});

async function start(
  channels: Record<string, ChannelValues> = { one: channel('0', 'app-1'), two: channel('1', 'app-2') },
) {
  plugin = await testPlugin(messaging, { channels });
}

const messages = (digit: string, value: object): object => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: `10229012934039${digit}`,
      time: 1764300000,
      changes: [{ field: 'messages', value: { metadata: { phone_number_id: `10654035224292${digit}` }, ...value } }],
    },
  ],
});
const status = (given: object = {}) => ({
  statuses: [{ id: WAMID, status: 'sent', timestamp: '1764300000', recipient_id: NUMBER, ...given }],
});

function post(json: object, secret = 'app-1') {
  const body = JSON.stringify(json);
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return plugin.post(PATH, { body, headers: { 'x-hub-signature-256': signature } });
}

it.each([
  ['the token of any channel', { 'hub.verify_token': 'verify-app-2' }, 200, '4711'],
  ['another token', { 'hub.verify_token': 'verify-app-3' }, 403, /hub.verify_token is not/],
  ['no token', {}, 403, /hub.verify_token is not/],
  ['another mode', { 'hub.verify_token': 'verify-app-1', 'hub.mode': 'unsubscribe' }, 403, /hub.verify_token is not/],
])('verifies its URL with %s', async (_what, query, code, text) => {
  await start();
  const all = { 'hub.mode': 'subscribe', 'hub.challenge': '4711', ...query };
  const answer = await plugin.post(PATH, { method: 'GET', query: all });
  expect(answer).toMatchObject({ status: code });
  expect(answer.text).toMatch(text);
});

it('takes what the app of the channel has signed, once', async () => {
  await start();
  expect(await post(messages('0', status()))).toMatchObject({ status: 200, events: [{ outcome: 'handled' }] });
  expect(await post(messages('0', status()))).toMatchObject({ status: 200, events: [{ outcome: 'duplicate' }] });
  expect(await post(messages('0', status({ status: 'read' })))).toMatchObject({ events: [{ outcome: 'handled' }] });
});

it('ignores what an app signs about the channel of another', async () => {
  await start();
  expect(await post(messages('1', status()), 'app-1')).toEqual({ status: 200, text: '', events: [] });
  expect(await post(messages('1', status()), 'app-2')).toMatchObject({ events: [{ outcome: 'handled' }] });
});

it('refuses another signature, and says if there is no secret to check it with', async () => {
  await start();
  expect(await post(messages('0', status()), 'app-3')).toMatchObject({
    status: 401,
    text: 'X-Hub-Signature-256 is missing or wrong',
  });
  await plugin.stop();
  await start({ one: channel('0') });
  expect(await post(messages('0', status()), '')).toMatchObject({ status: 401, text: /api.appSecret/ });
});

it('takes an empty secret as none', async () => {
  await start();
  const revealed = jest.spyOn(Secret.prototype, 'reveal').mockReturnValue('');
  expect(await post(messages('0', status()), '')).toMatchObject({ status: 401 });
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '4711' };
  expect(await plugin.post(PATH, { method: 'GET', query })).toMatchObject({ status: 403 });
  expect(revealed).toHaveBeenCalled();
});

it('checks the signature once for all channels of an app', async () => {
  await start({ one: channel('0', 'app-1'), two: channel('1', 'app-1'), three: channel('2', 'app-1') });
  const revealed = jest.spyOn(Secret.prototype, 'reveal');
  expect(await post(messages('2', status()), 'app-3')).toMatchObject({ status: 401 });
  expect(revealed).toHaveBeenCalledTimes(1);
  expect(await post(messages('2', status()))).toMatchObject({ events: [{ outcome: 'handled' }] });
});

it('logs a failure without the number of the customer, and the state of a template', async () => {
  await start();
  const errors = [{ code: 131026, error_data: { details: 'Message undeliverable' } }];
  await post(messages('0', status({ status: 'failed', errors, biz_opaque_callback_data: 'ref-17' })));
  const value = { event: 'PAUSED', message_template_name: 'hello', message_template_language: 'en_US', reason: 'NONE' };
  await post({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340390', time: 1, changes: [{ field: 'message_template_status_update', value }] }],
  });
  expect(plugin.logs.filter(({ fields }) => fields.webhook === PATH)).toMatchObject([
    {
      message: 'whatsapp did not deliver a message',
      level: 'warn',
      fields: { channel: 'one', code: 131026, reason: 'Message undeliverable', callbackData: 'ref-17' },
    },
    {
      message: 'whatsapp reports message_template_status_update',
      fields: { channel: 'one', event: 'PAUSED', template: 'hello', language: 'en_US' },
    },
  ]);
  const logged = JSON.stringify(plugin.logs);
  expect(logged).not.toContain(NUMBER);
  expect(logged).not.toContain(Buffer.from(NUMBER).toString('base64').slice(0, 10));
});
