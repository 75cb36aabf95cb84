import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { espMatchers, type FakeReply, type TestedPlugin, testPlugin } from 'esp-host/testing';
import messaging from '../../../../plugins/messaging/index.js';
import { StateError, StateFile } from '../../../../src/state/index.js';
import { ASKED, CUSTOMER, cloudPlugin, graphError, METHOD, messages, SENT, templates } from '../cloud/setting.js';

expect.extend(espMatchers);

const PATH = '/webhooks/whatsapp';
const GET = 'ChatService.GetInvitation';
const AT = 1_764_300_000;

let plugin: TestedPlugin;
afterEach(() => plugin.stop());

const start = async (...replies: FakeReply[]): Promise<void> => {
  plugin = await cloudPlugin([templates(), ...replies], { api: { appSecret: 'app' } });
};

/** Invites, and gives the callback data of the message. */
async function invite(): Promise<{ reference: string; fault: string | undefined }> {
  const { upstream, fault } = await plugin.call(METHOD, ASKED);
  const sent = JSON.parse(upstream.at(-1)?.body ?? '') as { biz_opaque_callback_data: string };
  return { reference: sent.biz_opaque_callback_data, fault: fault?.text };
}

function report(status: object) {
  const given = { id: 'wamid.1', timestamp: `${AT}`, recipient_id: CUSTOMER.slice(1), ...status };
  return receive({ statuses: [given] });
}

function receive(parts: object) {
  const value = { metadata: { phone_number_id: '1064' }, ...parts };
  const entry = [{ id: '1029', time: AT, changes: [{ field: 'messages', value }] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  const signature = `sha256=${createHmac('sha256', 'app').update(body).digest('hex')}`;
  return plugin.post(PATH, { body, headers: { 'x-hub-signature-256': signature } });
}

const get = (MessageId = 'wamid.1') => plugin.call(GET, { MessageId });
const since = (seconds: number): string => new Date(seconds * 1000).toISOString();

describe('ChatService.GetInvitation', () => {
  it('follows a message from WhatsApp to the customer', async () => {
    await start(SENT);
    const { reference } = await invite();
    expect(await get()).toBeEspResponse({ Status: 'accepted', Since: expect.any(String) as never });
    await report({ status: 'sent', biz_opaque_callback_data: reference });
    expect(await get()).toBeEspResponse({ Status: 'sent', Since: since(AT) });
    // Without delivered, and the callback data may be missing.
    await report({ status: 'read', timestamp: `${AT + 5}` });
    await report({ status: 'delivered', timestamp: `${AT + 2}`, biz_opaque_callback_data: reference });
    expect(await get()).toBeEspResponse({ Status: 'read', Since: since(AT + 5) });
  });

  it('gives the code of a failure', async () => {
    await start(SENT);
    const { reference } = await invite();
    const errors = [{ code: 131049, title: 'This message was not delivered' }];
    await report({ status: 'failed', biz_opaque_callback_data: reference, errors });
    expect(await get()).toBeEspResponse({ Status: 'failed', Since: since(AT), ErrorCode: 131049 });
  });

  it('gives no code of a failure without one, or of a message that was delivered after all', async () => {
    await start(SENT);
    const { reference } = await invite();
    await report({ status: 'failed', biz_opaque_callback_data: reference });
    expect(await get()).toBeEspResponse({ Status: 'failed', Since: since(AT) });
    await report({
      status: 'failed',
      timestamp: `${AT - 1}`,
      errors: [{ code: 5 }],
      id: 'wamid.1',
      biz_opaque_callback_data: reference,
    });
    await report({ status: 'delivered', timestamp: `${AT + 1}`, biz_opaque_callback_data: reference });
    expect(await get()).toBeEspResponse({ Status: 'delivered', Since: since(AT + 1) });
  });

  it('takes ids of up to 256 characters', async () => {
    await start(SENT);
    const unknown = `${GET} incorrect MessageId: channel whatsapp has no record of this message`;
    expect(await get('x'.repeat(256))).toBeEspFault(904, unknown);
    expect(await get('x'.repeat(257))).toBeEspFault(904, `${GET} incorrect MessageId: longer than 256 characters`);
  });

  it('does not learn from a message of the customer', async () => {
    await start(SENT);
    await invite();
    const before = await plugin.state.find('invitations');
    await receive({ messages: [{ id: 'wamid.1', from: CUSTOMER.slice(1), timestamp: `${AT}`, type: 'text' }] });
    expect(await plugin.state.find('invitations')).toEqual(before);
  });

  it('counts a status without a time, or with one in the future, from now', async () => {
    await start(SENT);
    await invite();
    for (const timestamp of [`${Number.MAX_SAFE_INTEGER}`, '0']) {
      const before = Date.now();
      await report({ status: timestamp === '0' ? 'read' : 'sent', timestamp });
      const { Status, Since } = (await get()).response ?? {};
      expect(Status).toBe(timestamp === '0' ? 'read' : 'sent');
      expect(Date.parse(String(Since))).toBeGreaterThanOrEqual(before);
      expect(Date.parse(String(Since))).toBeLessThanOrEqual(Date.now());
    }
  });

  it('knows only messages of this host', async () => {
    await start(SENT);
    await invite();
    await report({ id: 'wamid.2', status: 'sent' });
    for (const id of ['wamid.2', 'x']) {
      expect(await get(id)).toBeEspFault(
        904,
        `${GET} incorrect MessageId: channel whatsapp has no record of this message`,
      );
    }
    expect(await get('')).toBeEspFault(904, `${GET} incorrect MessageId: empty`);
  });

  it('is fault 920 if the state cannot be read', async () => {
    await start(SENT);
    await invite();
    const read = jest.spyOn(StateFile.prototype, 'do');
    read.mockRejectedValue(new StateError('ESP_STATE_FAILED', 'disk I/O error'));
    expect(await get()).toBeEspFault(920, `whatsapp failed to execute request ${GET}: the state cannot be read`);
    read.mockRestore();
  });

  it('is fault 920 for a channel whose invitations are not recorded', async () => {
    const channels = {
      whatsapp: {
        type: 'whatsapp',
        phoneNumber: '+919876543210',
        api: { driver: 'none' },
        contacts: { from: 'number-plan' },
      },
    };
    plugin = await testPlugin(messaging, { channels });
    expect(await get()).toBeEspFault(
      920,
      `whatsapp failed to execute request ${GET}: invitations are recorded only with api.driver cloud and a state: set state`,
    );
  });
});

describe('the record', () => {
  const record = async () => (await plugin.state.find<{ times: object }>('invitations'))[0]?.value;

  it('says why nothing was sent', async () => {
    await start(messages({ status: 400, json: graphError(132001) }));
    const { fault } = await invite();
    expect(await record()).toMatchObject({
      referenceId: 1,
      template: 'welcome',
      to: CUSTOMER,
      times: { not_sent: expect.any(Number) },
      fault: expect.stringContaining('132001'),
    });
    expect(fault).toContain('132001');
  });

  it('of an unknown outcome has its webhook, and the log says so', async () => {
    await start(messages({ error: 'ECONNRESET' }));
    const { reference, fault } = await invite();
    expect(fault).toMatch(/whether it was done is unknown/);
    await report({ status: 'sent', biz_opaque_callback_data: reference });
    expect(await get()).toBeEspResponse({ Status: 'sent', Since: since(AT) });
    expect(plugin.logs).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'the outcome of an invitation is known: unknown -> sent' }),
    );
  });
});

describe('esp-host contacts forget', () => {
  it.each([CUSTOMER, 'US.13491208655302741918'])('erases the invitations of %s', async (customer) => {
    await start(SENT, SENT);
    await plugin.call(METHOD, { ...ASKED, _umsClientId: customer });
    await plugin.call(METHOD, { ...ASKED, _umsClientId: '+15162837151' });
    const { result } = await plugin.run('contacts forget', { number: customer });
    expect(result).toMatchObject({ stateFile: 1 });
    expect((await plugin.run('messages list')).result).toMatchObject([{ referenceId: 2 }]);
  });
});

describe('esp-host messages', () => {
  const ROW = /^\d\d-\d\d \d\d:\d\d {2}([a-p]{24}) {2}accepted {2}1 {10}\+\*{8}002$/m;

  it('list prints the messages that pass its filters, in 80 columns', async () => {
    await start(SENT, SENT);
    await invite();
    const all = (await plugin.run('messages list')).text;
    expect(all).toMatch(/^TIME \(UTC\) {3}ID {24}STATUS {4}REFERENCE {2}TO\n/);
    expect(all).toMatch(ROW);
    const rows = async (input: Readonly<Record<string, unknown>>) =>
      (await plugin.run('messages list', input)).text.split('\n').length - 2;
    await invite();
    expect(await rows({})).toBe(2);
    expect(await rows({ limit: 1 })).toBe(1);
    expect(await rows({ number: '+1 631 555-1002', channel: 'whatsapp' })).toBe(2);
    expect(await rows({ referenceId: 2, number: CUSTOMER })).toBe(1);
    expect((await plugin.run('messages list', { number: '+16315551003' })).text).toBe('no messages\n');
    expect((await plugin.run('messages list', { channel: 'other' })).text).toBe('no messages\n');
    await expect(plugin.run('messages list', { number: 'x' })).rejects.toMatchObject({
      code: 'ESP_HOST_COMMAND_FAILED',
    });
  });

  it('list reads on until enough messages pass', async () => {
    await start(SENT);
    await invite();
    const [first] = await plugin.state.find<object>('invitations');
    for (let count = 0; count < 250; count++) {
      const keys = ['invitations', 'invitations of whatsapp'];
      await plugin.state.put(
        `invitation/x${count}`,
        { ...first?.value, to: '+1', referenceId: 5 },
        { keepMs: 60_000, keys },
      );
    }
    const { result } = await plugin.run('messages list', { number: CUSTOMER, channel: 'whatsapp' });
    expect(result).toHaveLength(1);
    expect((await plugin.run('messages list', { limit: 230 })).result).toHaveLength(230);
  });

  it('show prints all that is known, by each id, without the number', async () => {
    await start(SENT);
    const { reference } = await invite();
    await report({ status: 'failed', errors: [{ code: 131049, title: 'not to +16315551002' }] });
    for (const id of [reference, 'wamid.1', '1']) {
      const { text } = await plugin.run('messages show', { id });
      expect(text).toMatch(
        /^id +[a-p]{24}\nstatus +failed\nchannel +whatsapp\nto +\+\*{8}002\ntemplate +welcome\nReferenceId +1\nWhatsApp's id +wamid.1\nrequested +2.*Z\naccepted +2.*Z\nfailed +2.*Z\nerror +131049 not to \+\*{8}002\n$/,
      );
    }
    const { result } = await plugin.run('messages show', { id: reference, numbers: 'shown' });
    expect(result).toMatchObject([{ to: CUSTOMER, messageId: 'wamid.1', errors: [{ code: 131049 }] }]);
    await expect(plugin.run('messages show', { id: '2' })).rejects.toThrow('no message 2');
  });

  it('mask the id of WhatsApp, which holds the number', async () => {
    const id = 'wamid.HBgLMTYzMTU1NTEwMDIVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA';
    await start(messages({ json: { messages: [{ id }] } }));
    await invite();
    const masked = JSON.stringify((await plugin.run('messages list')).result);
    expect(masked).not.toContain('MTYzMTU1NTEwMDI');
    expect(masked).not.toContain(CUSTOMER);
    expect(masked).toContain(id.slice(-16));
    expect((await plugin.run('messages list', { numbers: 'shown' })).result).toMatchObject([{ messageId: id }]);
  });
});
