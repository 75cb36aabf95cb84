import { afterEach, describe, expect, it } from '@jest/globals';
import { type TestedPlugin, testPlugin } from 'esp-host/testing';
import messaging from '../../../../plugins/messaging/index.js';

const AT = Date.parse('2026-11-30T16:59:30Z');
const NUMBER = '+16315551002';
const WAMID = 'wamid.HBgLMTYzMTU1NTEwMDIVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA';

let plugin: TestedPlugin;
afterEach(() => plugin.stop());

async function start(): Promise<void> {
  const channel = (phoneNumber: string) => ({
    ...{ type: 'whatsapp', phoneNumber, api: { driver: 'none' }, contacts: { from: 'number-plan' } },
  });
  const channels = { india: channel('+919876543210'), us: channel('+12025550123') };
  plugin = await testPlugin(messaging, { channels });
}

/** Records an invitation. */
async function put(id: string, parts: object = {}, keys: readonly string[] = []): Promise<void> {
  const fate = { channel: 'whatsapp', to: NUMBER, template: 'welcome', times: { requested: AT }, ...parts };
  await plugin.state.put(`invitation/${id}`, fate, { keepMs: 60_000, keys: ['invitations', ...keys] });
}

const list = async (input: object = {}) => {
  const { result } = await plugin.run('messages list', { ...input });
  return (result as { id: string }[]).map(({ id }) => id);
};
const show = async (id: string) => (await plugin.run('messages show', { id, numbers: 'shown' })).text;

describe('messages list', () => {
  it('has a row for each message, the newest first', async () => {
    await start();
    await put('one', { referenceId: 7 });
    await put('two', { to: 'US.134912086553', times: { requested: AT, read: AT } });
    await put('three', { to: 'US.1349120865531' });
    await put('four', { to: 'US.13491208655312', times: {} });
    const { text } = await plugin.run('messages list', { numbers: 'shown' });
    expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
      'TIME (UTC)   ID     STATUS     REFERENCE  TO',
      '01-01 00:00  four   requested             US.134912086553…',
      '11-30 16:59  three  requested             US.1349120865531',
      '11-30 16:59  two    read                  US.134912086553',
      `11-30 16:59  one    requested  7          ${NUMBER}`,
      '',
    ]);
  });

  it('has 20 messages unless more are asked for', async () => {
    await start();
    for (let count = 0; count < 21; count++) await put(`x${count}`);
    expect(await list()).toEqual(Array.from({ length: 20 }, (_, index) => `x${20 - index}`));
    expect(await list({ limit: 21 })).toHaveLength(21);
  });

  it('has messages to the number in the country of each channel, and nothing else about it', async () => {
    await start();
    const [indian, american] = ['+916315551002', NUMBER];
    await put('one', { to: american }, [american]);
    await put('two', { to: indian }, [indian]);
    await put('three', { to: american }, [american]);
    await put('four', { to: '+15162837151' }, [american]);
    await plugin.state.put(`contact/${american}`, { kind: 'read', at: AT }, { keepMs: 60_000, keys: [american] });
    expect(await list({ number: '6315551002' })).toEqual(['three', 'two', 'one']);
    expect(await list({ number: '6315551002', limit: 2 })).toEqual(['three', 'two']);
    expect(await list({ number: american })).toEqual(['three', 'one']);
    await expect(list({ number: '12' })).rejects.toThrow('--number: not a number that can exist');
  });

  it('has the messages that pass all filters', async () => {
    await start();
    const keys = ['invitations with ReferenceId 7', 'invitations of one', NUMBER];
    await put('one', { referenceId: 7, channel: 'one' }, keys);
    await put('two', { referenceId: 7, channel: 'two' }, keys);
    await put('three', { referenceId: 8, channel: 'one' }, keys);
    expect(await list({ referenceId: 7 })).toEqual(['two', 'one']);
    expect(await list({ channel: 'one' })).toEqual(['three', 'one']);
    expect(await list({ number: NUMBER, channel: 'one' })).toEqual(['three', 'one']);
    expect(await list({ number: NUMBER, channel: 'one', referenceId: 7 })).toEqual(['one']);
  });

  it('has the messages to a user id', async () => {
    await start();
    const to = 'US.13491208655302741918';
    await put('one', { to }, [to]);
    expect(await list({ number: to })).toEqual(['one']);
  });
});

describe('messages show', () => {
  it('prints all that is known', async () => {
    await start();
    const times = { requested: AT, unknown: AT + 1000, failed: AT + 2000 };
    const errors = [{ code: 131026, text: `not to ${NUMBER}` }, { code: 5 }];
    await put('one', { referenceId: 7, messageId: WAMID, times, errors, fault: `no answer about ${NUMBER}` });
    const lines = (to: string, id: string): string[] => [
      'id             one',
      'status         failed',
      'channel        whatsapp',
      `to             ${to}`,
      'template       welcome',
      'ReferenceId    7',
      `WhatsApp's id  ${id}`,
      'requested      2026-11-30T16:59:30.000Z',
      'unknown        2026-11-30T16:59:31.000Z',
      'failed         2026-11-30T16:59:32.000Z',
      `error          131026 not to ${to}`,
      'error          5 ',
      `fault          no answer about ${to}`,
      '',
    ];
    expect((await show('one')).split('\n')).toEqual(lines(NUMBER, WAMID));
    const { text } = await plugin.run('messages show', { id: 'one' });
    expect(text.split('\n')).toEqual(lines('+********002', WAMID.slice(-16)));
  });

  it('prints no line for what is unknown', async () => {
    await start();
    await put('one');
    expect(await show('one')).toBe(
      `id             one\nstatus         requested\nchannel        whatsapp\nto             ${NUMBER}\n` +
        'template       welcome\nrequested      2026-11-30T16:59:30.000Z\n',
    );
  });

  it('finds messages by the id of WhatsApp, or up to ten by a ReferenceId of up to 15 digits', async () => {
    await start();
    await put('one', {}, [`message ${WAMID}`]);
    for (const id of ['123456789012345', '1234567890123456'])
      for (let count = 0; count < 11; count++) await put(`r${id}-${count}`, {}, [`invitations with ReferenceId ${id}`]);
    expect(await show(WAMID)).toMatch(/^id +one\n/);
    expect((await show('123456789012345')).split('\n\n')).toHaveLength(10);
    for (const id of ['1234567890123456', 'x7', '7x', ''])
      await expect(show(id)).rejects.toMatchObject({
        code: 'ESP_HOST_COMMAND_FAILED',
        message: `no message ${id.slice(-16)}`,
      });
  });

  it('prefers the message with such an id to those with such a ReferenceId', async () => {
    await start();
    await put('one', {}, ['message 7']);
    await put('two', {}, ['invitations with ReferenceId 7']);
    expect(await show('7')).toMatch(/^id +one\n/);
    await put('three', {}, ['message ']);
    await expect(show('')).rejects.toThrow('no message ');
  });
});
