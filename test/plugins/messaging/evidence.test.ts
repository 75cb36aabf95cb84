import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type FakeReply, fakeHttp, type TestedPlugin, testPlugin } from 'esp-host/testing';
import messaging from '../../../plugins/messaging/index.js';
import { until } from '../../support/eventually.js';
import { ACCEPTED, API, ASKED, graphError, messages, SENT, templates, WELCOME } from './cloud/setting.js';
import { INDIA } from './setting.js';

const VALIDATE = 'Messaging.ValidateContact';
const NUMBER = '16315551002';
const SECRET = 'the-secret-of-the-app';
const DAY_S = 24 * 3600;
const NOW_S = Math.floor(Date.now() / 1000);

let plugin: TestedPlugin;
afterEach(() => plugin.stop());

async function start(contacts: object = {}, replies: readonly FakeReply[] = [templates(), SENT]): Promise<void> {
  const whatsapp = {
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: { ...API, appSecret: SECRET },
    contacts: { from: 'evidence', whenUnknown: 'empty', ...contacts },
    invitations: { default: 'welcome', templates: { welcome: WELCOME } },
  };
  const imported = {
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: { driver: 'none' },
    contacts: { from: 'evidence', whenUnknown: 'fault' },
  };
  plugin = await testPlugin(messaging, { channels: { whatsapp, imported }, http: fakeHttp(replies) });
}

/** Posts a webhook of the channel. */
async function post(value: object): Promise<void> {
  const change = { field: 'messages', value: { metadata: { phone_number_id: API.phoneNumberId }, ...value } };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1029', changes: [change] }] });
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const answer = await plugin.post('/webhooks/whatsapp', { body, headers: { 'x-hub-signature-256': signature } });
  expect(answer).toMatchObject({ status: 200, events: [{ outcome: 'handled' }] });
}

let wamids = 0;
const status = (state: string, at: number, number = NUMBER, code = 131026) =>
  post({
    statuses: [
      {
        id: `wamid.${wamids++}`,
        status: state,
        timestamp: String(at),
        recipient_id: number,
        ...(state === 'failed' ? { errors: [{ code }] } : {}),
      },
    ],
  });
const inbound = (at: number, message: object = { type: 'text' }, from = NUMBER) =>
  post({ messages: [{ id: `wamid.${wamids++}`, from, timestamp: String(at), ...message }] });

/** What ValidateContact answers: a number, the empty string, or a fault. */
async function validate(Id = `+${NUMBER}`, _umsChannel = 'whatsapp'): Promise<unknown> {
  const { response, fault } = await plugin.call(VALIDATE, { Id, _umsChannel });
  return fault?.text ?? response?.Id;
}

describe('ValidateContact from evidence', () => {
  it.each([
    ['a delivered message', () => status('delivered', NOW_S), `+${NUMBER}`],
    ['a read message', () => status('read', NOW_S), `+${NUMBER}`],
    ['a message from the customer', () => inbound(NOW_S), `+${NUMBER}`],
    ['a message that WhatsApp has', () => status('sent', NOW_S), ''],
    ['a message that failed for another reason', () => status('failed', NOW_S, NUMBER, 131049), ''],
    ['evidence without a time', () => status('read', 0), ''],
    ['evidence from the day after tomorrow', () => status('read', NOW_S + 2 * DAY_S), ''],
    ['evidence that no longer counts', () => status('read', NOW_S - 91 * DAY_S), ''],
    ['evidence that still counts', () => status('read', NOW_S - 89 * DAY_S), `+${NUMBER}`],
  ])('answers at once after %s', async (_what, happens, expected) => {
    await start();
    expect(await validate()).toBe('');
    await happens();
    expect(await validate()).toBe(expected);
  });

  it('answers with the empty string after an undeliverable message, until later evidence', async () => {
    await start({ whenUnknown: 'trust' });
    expect(await validate()).toBe(`+${NUMBER}`);
    await status('failed', NOW_S - 60);
    expect(await validate()).toBe('');
    await status('delivered', NOW_S - 120);
    expect(await validate()).toBe('');
    await status('delivered', NOW_S - 60);
    expect(await validate()).toBe(`+${NUMBER}`);
    await status('failed', NOW_S - 30);
    expect(await validate()).toBe('');
  });

  it('uses the refusal of a message at once too', async () => {
    await start({ whenUnknown: 'trust' }, [templates(), messages({ status: 400, json: graphError(131026) })]);
    expect(await validate()).toBe(`+${NUMBER}`);
    const sent = await plugin.call('ChatService.InviteToChat', { ...ASKED, _umsChannel: 'whatsapp' });
    expect(sent).toMatchObject({ fault: { code: '920', text: expect.stringContaining('error 131026') } });
    await until(async () => (await plugin.state.get(`contact/+${NUMBER}`)) !== undefined);
    expect(await validate()).toBe('');
  });

  it('does not take the acceptance of a message as evidence', async () => {
    await start();
    expect(ACCEPTED.contacts[0]?.wa_id).toBe(NUMBER);
    await plugin.call('ChatService.InviteToChat', { ...ASKED, _umsChannel: 'whatsapp' });
    expect(await validate()).toBe('');
  });

  it('moves with a customer who changes the number', async () => {
    await start({ whenUnknown: 'trust' });
    await inbound(NOW_S - 60);
    await inbound(NOW_S, { type: 'system', system: { type: 'user_changed_number', new_wa_id: '15162837151' } });
    expect(await validate()).toBe('');
    expect(await validate('+15162837151', 'imported')).toBe('+15162837151');
  });

  it('ignores that a customer has another user id', async () => {
    await start();
    const system = { type: 'user_changed_user_id', previous_user_id: 'US.1', user_id: 'US.2' };
    await inbound(NOW_S, { type: 'system', system });
    await inbound(NOW_S, { type: 'system', system: { ...system, wa_id: NUMBER } });
    expect(await validate()).toBe('');
  });

  it('ignores events of customers without a number', async () => {
    await start();
    await post({ messages: [{ id: 'wamid.x', from_user_id: 'US.1', timestamp: String(NOW_S), type: 'text' }] });
    expect(await validate()).toBe('');
  });

  it.each([
    ['552187654321', '+5521987654321'],
    ['5215512345678', '+525512345678'],
    ['5491156121008', '+5491156121008'],
  ])('knows %s of WhatsApp as %s', async (waId, number) => {
    await start();
    await status('delivered', NOW_S, waId);
    expect(await validate(number)).toBe(number);
  });

  it.each([
    ['trust', '+919876543211', '+919876543211'],
    // Digits enough, but no number of India.
    ['trust', '+911111111111', ''],
    ['empty', '+919876543211', ''],
    [
      'fault',
      '+919876543211',
      'whatsapp failed to execute request Messaging.ValidateContact: no evidence whether the number is on WhatsApp',
    ],
  ])('without evidence and with whenUnknown %s, answers %s with %j', async (whenUnknown, id, expected) => {
    await start({ whenUnknown });
    expect([await validate(id), await validate(id)]).toEqual([expected, expected]);
  });

  it('shares evidence between its channels', async () => {
    await start();
    expect(await validate(undefined, 'imported')).toMatch(/no evidence/);
    await status('read', NOW_S);
    expect(await validate(undefined, 'imported')).toBe(`+${NUMBER}`);
  });

  it('keeps the number, the kind and the time, and nothing else', async () => {
    await start();
    await inbound(NOW_S, { type: 'text', text: { body: 'the content' } });
    expect(await plugin.state.get(`contact/+${NUMBER}`)).toEqual({ kind: 'message', at: NOW_S * 1000 });
    expect(await plugin.state.forget(`+${NUMBER}`)).toBe(1);
  });
});
