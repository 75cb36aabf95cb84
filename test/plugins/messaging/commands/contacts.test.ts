import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Channel, Channels, Container, optionsToken, PluginState } from 'esp-host';
import { type ChannelValues, type TestedPlugin, testPlugin } from 'esp-host/testing';
import { importContacts } from '../../../../plugins/messaging/commands/index.js';
import { messagingOptions, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import messaging from '../../../../plugins/messaging/index.js';
import { file, folder, removeFolders } from '../../../support/files.js';
import { freePort } from '../../../support/free-port.js';

const DAY_MS = 86_400_000;
const NUMBER = '+16315551002';
const OTHER = '+15162837151';

const channel = (phoneNumber = '+919876543210', contacts: object = {}): ChannelValues => ({
  type: 'whatsapp',
  phoneNumber,
  api: { driver: 'none' },
  contacts: { from: 'evidence', whenUnknown: 'empty', ...contacts },
});

let plugin: TestedPlugin;
afterEach(() => {
  jest.restoreAllMocks();
  return plugin.stop();
});
afterAll(removeFolders);

async function start(channels: Record<string, ChannelValues> = { whatsapp: channel() }, options: object = {}) {
  plugin = await testPlugin(messaging, { channels, options });
}

const csv = (text: string): string => file('contacts.csv', text, folder());

const load = (text: string, input: object = {}) => plugin.run('contacts import', { file: csv(text), ...input });

const at = (ms: number): string => new Date(ms).toISOString();

const failed = (message: unknown) => ({
  code: 'ESP_HOST_COMMAND_FAILED',
  message: expect.stringMatching(String(message)),
});

async function validates(Id: string, _umsChannel = 'whatsapp'): Promise<boolean> {
  const { response } = await plugin.call('Messaging.ValidateContact', { Id, _umsChannel });
  return response?.Id !== '';
}

describe('contacts import', () => {
  it('confirms the numbers of a file', async () => {
    await start();
    const { result, text } = await load(`Name,Phone number,Date\nAda,"+1 (631) 555-1002",2026-01-01\nBob,${OTHER},\n`);
    expect(result).toEqual({ imported: 1, tooOld: 1, bad: 0, badLines: [] });
    expect(text).toBe('imported 1 numbers; 0 bad lines, 1 too old to count\n');
    expect([await validates(NUMBER), await validates(OTHER)]).toEqual([false, true]);
  });

  it('takes ids of WhatsApp that have a former form of the number', async () => {
    await start();
    const ids = 'wa_id\n5215512345678\n552187654321\n';
    expect((await load(ids, { international: true })).result).toMatchObject({ imported: 2, bad: 0 });
    expect([await validates('+525512345678'), await validates('+5521987654321')]).toEqual([true, true]);
    expect((await plugin.run('contacts forget', { number: '+5215512345678' })).result).toMatchObject({
      number: '+525512345678',
      stateFile: 1,
    });
  });

  it('reports bad lines by their number, and imports the rest', async () => {
    await start();
    const lines = ['phone;date', `${NUMBER};`, '12;', `${OTHER};soon`, `${OTHER};${at(Date.now() + 2 * DAY_MS)}`, '"x'];
    const { result, text } = await load(lines.join('\r\n'));
    expect(result).toMatchObject({ imported: 1, bad: 4 });
    expect(text.split('\n')).toEqual([
      'line 3: no number that can exist',
      'line 4: the date must be like 2026-11-30, 2026-11-30T10:00:00Z, or seconds since 1970',
      'line 5: the date is in the future',
      'line 6: a quote is not closed, or the row is too long; skipped up to line 6',
      'imported 1 numbers; 4 bad lines, 0 too old to count',
      '',
    ]);
    expect([await validates(NUMBER), await validates(OTHER)]).toEqual([true, false]);
  });

  it.each([
    ['without a head', `Ada,${NUMBER}\nBob,${OTHER}`, {}],
    ['with a column by name', `a,b\nx,${NUMBER}\ny,${OTHER}`, { column: 'B' }],
    ['with a column by place', `a,b\nx,${NUMBER}\ny,${OTHER}`, { column: '2' }],
    ['with a column by place, without a head', `x,${NUMBER}\ny,${OTHER}`, { column: '2' }],
    ['with the ids of WhatsApp', 'wa_id\n16315551002\n15162837151', { international: true }],
  ])('finds the numbers %s', async (_what, text, input) => {
    await start();
    expect((await load(text, input)).result).toMatchObject({ imported: 2, bad: 0 });
    expect([await validates(NUMBER), await validates(OTHER)]).toEqual([true, true]);
  });

  it.each([
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01 10:30', '2026-11-01T10:30:00.000Z'],
    ['2026-11-01T10:30:05+02:00', '2026-11-01T08:30:05.000Z'],
    ['1793529000', '2026-11-01T10:30:00.000Z'],
    ['1793529000123', '2026-11-01T10:30:00.123Z'],
  ])('reads the date %s', async (date, expected) => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-30'));
    await start();
    await load(`number,seen\n${NUMBER},${date}`, { dateColumn: 'seen' });
    expect(await plugin.state.get(`contact/${NUMBER}`)).toEqual({ kind: 'imported', at: Date.parse(expected) });
  });

  it('does not replace later evidence', async () => {
    await start();
    const later = { kind: 'undeliverable', at: Date.now() - DAY_MS };
    await plugin.state.put(`contact/${NUMBER}`, later, { keepMs: DAY_MS, keys: [NUMBER] });
    await load(`number,date\n${NUMBER},${at(Date.now() - 2 * DAY_MS)}`);
    expect(await plugin.state.get(`contact/${NUMBER}`)).toEqual(later);
  });

  it('takes numbers without a plus as those of the channel', async () => {
    await start({ india: channel(), germany: channel('+4930123456') });
    expect((await load('number\n030 1234567\n')).result).toMatchObject({ imported: 0, bad: 1 });
    expect((await load('number\n030 1234567\n', { channel: 'germany' })).result).toMatchObject({ imported: 1 });
    expect(await validates('+49301234567', 'india')).toBe(true);
  });

  it.each([
    ['a file that does not exist', { file: join(folder(), 'none.csv') }, 'cannot be read: ENOENT'],
    ['a file in UTF-16', { file: csv('\ufffd\ufffdn\0u\0') }, 'is not CSV in UTF-8'],
    ['a file without numbers', { file: csv('a,b\nc,d') }, 'no column of numbers: name it with --column'],
    ['a column that does not exist', { file: csv('a,b\nc,d'), column: 'c' }, 'no column c: the first line has a, b'],
    ['a channel that does not exist', { file: csv('a'), channel: 'sms' }, "no channel of type whatsapp 'sms'"],
  ])('refuses %s', async (_what, input, message) => {
    await start();
    await expect(plugin.run('contacts import', input)).rejects.toMatchObject(failed(message));
  });

  it('fails when it is interrupted', async () => {
    await start();
    const settings = whatsAppChannel.schema.parse(channel());
    const channels = [{ name: 'whatsapp', type: 'whatsapp', phoneNumber: settings.phoneNumber, settings } as Channel];
    const container = new Container();
    container.bind(Channels).toConstantValue(new Channels(channels));
    container.bind(PluginState).toConstantValue(plugin.state);
    container.bind(optionsToken(messagingOptions)).toConstantValue({});
    const input = { file: csv(`number\n${NUMBER}`), international: false };
    const { state } = plugin;
    const call = { input, state, container, signal: AbortSignal.abort(), maskPhoneNumbers: (text: string) => text };
    await expect(importContacts.run(call)).rejects.toMatchObject(failed('^interrupted after 0 numbers$'));
  });

  it('needs a channel that decides by evidence, and a place to write to', async () => {
    await start({ whatsapp: { ...channel(), contacts: { from: 'number-plan' } } });
    await expect(load('number')).rejects.toMatchObject(failed('no channel has contacts.from: evidence'));
    await plugin.stop();
    const redis = { url: `redis://127.0.0.1:${await freePort()}` };
    await start(undefined, { sharedState: { redis } });
    await expect(load('number')).rejects.toMatchObject(failed('redis 127.0.0.1:\\d+ cannot be used: .*ECONNREFUSED'));
  });
});

describe('contacts show', () => {
  it('says what is known, and what each channel makes of it', async () => {
    await start({
      one: channel(),
      two: channel(undefined, { confirmedMs: DAY_MS, whenUnknown: 'fault' }),
      plan: { ...channel(), contacts: { from: 'number-plan' } },
    });
    const seen = Date.now() - 2 * DAY_MS;
    await load(`number,date\n${NUMBER},${at(seen)}`);
    const { result, text } = await plugin.run('contacts show', { number: '+1-631-555-1002' });
    expect(result).toEqual({
      number: NUMBER,
      stateFile: { kind: 'imported', at: at(seen) },
      redis: null,
      channels: [
        { channel: 'one', decision: 'confirmed', until: at(seen + 90 * DAY_MS) },
        { channel: 'two', decision: 'unknown', until: null, whenUnknown: 'fault' },
      ],
    });
    expect(text).toContain(NUMBER);
    expect(text).toMatch(/state file +imported +2/);
    expect(text).toMatch(/two +unknown \(fault\)\n/);
  });

  it('shows that nothing is known', async () => {
    await start();
    const { result } = await plugin.run('contacts show', { number: NUMBER });
    expect(result).toMatchObject({ stateFile: null, channels: [{ decision: 'unknown', whenUnknown: 'empty' }] });
  });

  it('refuses a text that is not a number', async () => {
    await start();
    await expect(plugin.run('contacts show', { number: '12' })).rejects.toMatchObject(
      failed('no number that can exist'),
    );
  });
});

describe('contacts forget', () => {
  it('erases what is known about a number, in each of its forms, and nothing else', async () => {
    await start();
    await load(`number\n+552187654321\n${OTHER}`);
    for (const key of ['+552187654321', '+5521987654321'])
      await plugin.state.put(`other/${key}`, {}, { keepMs: DAY_MS, keys: [key] });
    const { result, text } = await plugin.run('contacts forget', { number: '+55 21 98765-4321' });
    expect(result).toEqual({ number: '+5521987654321', stateFile: 3, redis: null });
    expect(text).toBe('+5521987654321 is erased (state file: 3 records)\n');
    expect([await validates('+5521987654321'), await validates(OTHER)]).toEqual([false, true]);
    expect((await plugin.run('contacts forget', { number: '+5521987654321' })).result).toMatchObject({ stateFile: 0 });
  });

  it('works without a channel that decides by evidence', async () => {
    await start({ whatsapp: { ...channel(), contacts: { from: 'number-plan' } } });
    await plugin.state.put('x', {}, { keepMs: DAY_MS, keys: [NUMBER] });
    expect((await plugin.run('contacts forget', { number: NUMBER })).result).toMatchObject({ stateFile: 1 });
  });
});
