import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Channels, Metrics, Secret } from 'esp-host';
import { type ChannelValues, type LogLine, type TestedPlugin, testPlugin } from 'esp-host/testing';
import got from 'got';
import { messagingOptions, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import messaging from '../../../../plugins/messaging/index.js';
import type { WhatsAppEvent } from '../../../../plugins/messaging/webhooks/events.js';
import { WhatsAppWebhooks } from '../../../../plugins/messaging/webhooks/receiver.js';
import { WhatsAppChannels } from '../../../../plugins/messaging/whatsapp-channels.js';
import { Records, StateFile } from '../../../../src/state/index.js';
import { CapturedLogger } from '../../../../src/testing/captured-logger.js';

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
  return plugin?.stop();
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

it('repeats up to 200 characters of the challenge', async () => {
  await start();
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-app-1' };
  const challenge = 'c'.repeat(201);
  const verify = (more: object) => plugin.post(PATH, { method: 'GET', query: { ...query, ...more } });
  expect(await verify({ 'hub.challenge': challenge })).toMatchObject({ status: 200, text: challenge.slice(0, 200) });
  expect(await verify({})).toMatchObject({ status: 200, text: '' });
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

describe('its metrics', () => {
  async function open(channels: Record<string, ChannelValues>) {
    const metrics = new Metrics();
    const logs: LogLine[] = [];
    const all = new Channels(
      Object.entries(channels).map(([name, values]) => {
        const settings = whatsAppChannel.schema.parse(values);
        const problem = () => new Error('not used');
        return { name, type: 'whatsapp', phoneNumber: settings.phoneNumber, settings, problem };
      }),
    );
    const logger = new CapturedLogger(logs);
    const open = new WhatsAppChannels(all, messagingOptions.parse({}), got, logger, metrics);
    await open.start();
    const receiver = new WhatsAppWebhooks(all, metrics, open);
    logs.splice(0);
    const receive = (json: object, secret = 'app-1') => {
      const body = Buffer.from(JSON.stringify(json));
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const headers = { 'x-hub-signature-256': signature };
      return receiver.receive({ headers, query: new URLSearchParams(), body, json: () => json });
    };
    const after: (() => void)[] = [];
    const handle = async (data: WhatsAppEvent) => {
      const [state, { signal }] = [new Records(StateFile.inMemory(), 'messaging'), new AbortController()];
      const call = { state, logger, signal, attempt: 1, onHandled: (run: () => void) => void after.push(run) };
      await receiver.handle({ id: 'id', key: 'key', data }, call);
    };
    const series = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await metrics.text())
          .split('\n')
          .filter((line) => line.startsWith('esp_whatsapp_'))
          .map((line) => line.split(' '))
          .map(([name = '', count]) => [name, Number(count)]),
      );
    return { after, handle, logs, receive, series };
  }

  const events = (name: string, counts: object = {}): object => {
    const all = {
      sent: 0,
      delivered: 0,
      read: 0,
      failed: 0,
      message: 0,
      'customer-changed': 0,
      template: 0,
      account: 0,
    };
    const entries = Object.entries({ ...all, ...counts });
    return Object.fromEntries(
      entries.map(([event, count]) => [`esp_whatsapp_events_total{channel="${name}",event="${event}"}`, count]),
    );
  };
  const ignored = (counts: object = {}): object =>
    Object.fromEntries(
      Object.entries({ field: 0, status: 0, form: 0, channel: 0, ...counts }).map(([reason, count]) => [
        `esp_whatsapp_events_ignored_total{reason="${reason}"}`,
        count,
      ]),
    );
  const NONE: ChannelValues = {
    type: 'whatsapp',
    phoneNumber: '+919876543210',
    api: { driver: 'none' },
    contacts: { from: 'number-plan' },
  };

  it('have each event of each channel of Cloud API from the start', async () => {
    const both = await open({ one: channel('0', 'app-1'), two: channel('1'), none: NONE });
    expect(await both.series()).toEqual({ ...events('one'), ...events('two'), ...ignored() });
    expect(await (await open({ none: NONE })).series()).toEqual({});
  });

  it('count why parts are ignored', async () => {
    const { receive, series } = await open({ one: channel('0', 'app-1'), two: channel('1', 'app-2') });
    expect(receive(messages('0', status({ status: 'played' })))).toEqual([]);
    expect(receive(messages('0', status()))).toHaveLength(1);
    expect(receive({ object: 'page' })).toEqual([]);
    const changes = [{ field: 'flows', value: {} }];
    expect(receive({ object: 'whatsapp_business_account', entry: [{ id: '1', changes }] })).toEqual([]);
    const two = { statuses: [status().statuses, status({ status: 'read' }).statuses].flat() };
    expect(receive(messages('1', two))).toEqual([]);
    expect(await series()).toMatchObject(ignored({ field: 1, status: 1, form: 1, channel: 2 }));
  });

  it('count what was handled, once it is, and the log names it', async () => {
    const { after, handle, logs, series } = await open({ one: channel('0', 'app-1'), two: channel('1', 'app-2') });
    const ids = { phoneNumberId: '106540352242921', messageId: WAMID, at: 1 };
    const customer = { number: NUMBER };
    const account = { businessAccountId: '102290129340391', at: 1 };
    await handle({ type: 'status', ...ids, customer, status: 'sent', errors: [] });
    await handle({ type: 'status', ...ids, customer, status: 'failed', errors: [], reference: 'ref-17' });
    await handle({ type: 'message', ...ids, customer, kind: 'text' });
    await handle({ type: 'customer-changed', ...ids, before: customer, after: {} });
    await handle({ type: 'template', ...account, field: 'template_category_update', reason: 'why' });
    await handle({ type: 'account', ...account, field: 'security', event: 'PIN' });
    expect([await series(), logs]).toMatchObject([{ ...events('one'), ...events('two'), ...ignored() }, []]);
    for (const run of after) run();
    const counts = { sent: 1, failed: 1, message: 1, 'customer-changed': 1, template: 1, account: 1 };
    expect(await series()).toEqual({ ...events('one'), ...events('two', counts), ...ignored() });
    const [message, none] = [{ channel: 'two', messageId: WAMID.slice(-16) }, undefined];
    expect(logs).toEqual([
      { level: 'debug', message: 'whatsapp status', fields: message },
      {
        level: 'warn',
        message: 'whatsapp did not deliver a message',
        fields: { ...message, code: 0, reason: none, callbackData: 'ref-17' },
      },
      { level: 'debug', message: 'whatsapp message', fields: message },
      { level: 'debug', message: 'whatsapp customer-changed', fields: message },
      {
        level: 'warn',
        message: 'whatsapp reports template_category_update',
        fields: { channel: 'two', event: none, template: none, language: none, reason: 'why' },
      },
      {
        level: 'warn',
        message: 'whatsapp reports security',
        fields: { channel: 'two', event: 'PIN', template: none, language: none, reason: none },
      },
    ]);
  });

  it('count an event whose channel is no longer configured as ignored', async () => {
    const { after, handle, series } = await open({ one: channel('0', 'app-1') });
    const customer = { number: NUMBER };
    await handle({ type: 'message', phoneNumberId: '1', messageId: WAMID, at: 1, customer, kind: 'text' });
    await handle({ type: 'account', businessAccountId: '1', at: 1, field: 'security' });
    expect(after).toEqual([]);
    expect(await series()).toEqual({ ...events('one'), ...ignored({ channel: 2 }) });
  });
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
