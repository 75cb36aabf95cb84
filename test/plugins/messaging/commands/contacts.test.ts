import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Channel, Channels, Container, optionsToken, PluginState, type State } from 'esp-host';
import { type ChannelValues, type TestedPlugin, testPlugin } from 'esp-host/testing';
import { forgetContact, importContacts } from '../../../../plugins/messaging/commands/index.js';
import { messagingOptions, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import messaging from '../../../../plugins/messaging/index.js';
import { file, folder, removeFolders } from '../../../support/files.js';
import { freePort } from '../../../support/free-port.js';
import { RedisServer } from '../../../support/redis-server.js';
import { redisDescribe } from '../../../support/redis-tests.js';

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

  it.each([
    ['2026-11-01T10:30:05.123456789Z', '2026-11-01T10:30:05.123Z'],
    ['2026-11-01T10:30-0100', '2026-11-01T11:30:00.000Z'],
    ['', '2026-11-30T00:00:00.000Z'],
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
  ])('reads the date %j', async (date, expected) => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-30'));
    await start();
    await load(`number,seen\n${NUMBER},${date}`, { dateColumn: 'seen' });
    expect(await plugin.state.get(`contact/${NUMBER}`)).toEqual({ kind: 'imported', at: Date.parse(expected) });
  });

  it('refuses other dates', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-30'));
    await start();
    const other = ['1.11.2026', '2026-1-1', '2026-13-01', '2026-11-01T10', '2026-11-01T10:3', '2026-11-01T10:30:05.Z'];
    const more = ['2026-11-01Z', 'x2026-11-01', '2026-11-01x', '2026-11-01T10:30+2', '2026-11-01T10:30:05.1234567890Z'];
    const digits = ['179352900', '17935290001', '179352900012', '17935290001234', 'x1793529000', 'x1793529000123'];
    const all = [...other, ...more, ...digits];
    const { result } = await load(`number,date\n${all.map((date) => `${NUMBER},${date}\n`).join('')}`);
    const reason = 'the date must be like 2026-11-30, 2026-11-30T10:00:00Z, or seconds since 1970';
    expect(result).toMatchObject({ imported: 0, badLines: all.map((_, index) => ({ line: index + 2, reason })) });
    const { result: future } = await load(`number,date\n${NUMBER},2026-12-01T00:00:00.001Z`);
    expect(future).toMatchObject({ badLines: [{ line: 2, reason: 'the date is in the future' }] });
  });

  it('does not import what no longer counts', async () => {
    const now = Date.parse('2026-11-30');
    jest.spyOn(Date, 'now').mockReturnValue(now);
    await start({
      one: channel(undefined, { confirmedMs: DAY_MS }),
      two: channel(undefined, { confirmedMs: 2 * DAY_MS }),
    });
    const { result } = await load(
      `number,date\n${NUMBER},${at(now - 2 * DAY_MS)}\n${OTHER},${at(now - 2 * DAY_MS + 1)}`,
    );
    expect(result).toEqual({ imported: 1, tooOld: 1, bad: 0, badLines: [] });
  });

  it.each(['number', 'PHONE', 'Phone-Number', 'mobile', 'Mobile Number', 'msisdn', 'wa_id', 'WhatsApp', 'E.164'])(
    'finds the column %s',
    async (name) => {
      await start();
      const { result } = await load(`other,${name}\n+4930123456,${NUMBER}`);
      expect(result).toMatchObject({ imported: 1, bad: 0 });
      expect(await validates(NUMBER)).toBe(true);
    },
  );

  it.each(['date', 'Time', 'timestamp', 'at', 'last seen', 'Last_Message'])('finds the dates in %s', async (name) => {
    await start();
    const seen = Date.now() - DAY_MS;
    await load(`number,${name}\n${NUMBER},${at(seen)}`);
    expect(await plugin.state.get(`contact/${NUMBER}`)).toEqual({ kind: 'imported', at: seen });
  });

  it.each([
    ['a head of which only the date is named', `x,seen\n${NUMBER},2026-11-01`, { column: '1', dateColumn: 'Seen' }],
    ['columns by their place, without a head', `${NUMBER},2026-11-01`, { column: '1', dateColumn: '2' }],
    ['dates by their place', `number,x\n${NUMBER},2026-11-01`, { dateColumn: '2' }],
  ])('reads %s', async (_what, text, input) => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-30'));
    await start();
    expect((await load(text, input)).result).toMatchObject({ imported: 1, bad: 0 });
    expect(await plugin.state.get(`contact/${NUMBER}`)).toEqual({ kind: 'imported', at: Date.parse('2026-11-01') });
  });

  it('has places from 1 to 9999; what else is given is a name', async () => {
    await start();
    for (const column of ['0', '10000', '01'])
      expect((await load(`a,${column}\nx,${NUMBER}`, { column })).result).toMatchObject({ imported: 1 });
    const { result } = await load(`${NUMBER}\n`, { column: '9999' });
    expect(result).toMatchObject({ imported: 0, badLines: [{ line: 1, reason: 'no number that can exist' }] });
  });

  it('reports a thousand bad lines at most', async () => {
    await start();
    const { result, text } = await load(`number\n${'12\n'.repeat(1001)}`);
    expect(result).toMatchObject({ bad: 1001, badLines: { length: 1000 } });
    expect(text.split('\n').slice(-3)).toEqual([
      'and 1 more',
      'imported 0 numbers; 1001 bad lines, 0 too old to count',
      '',
    ]);
  });

  it('takes digits as international only with that option, and after spaces too', async () => {
    await start();
    const text = 'number\n" 16315551002"\n+15162837151';
    expect((await load(text)).result).toMatchObject({ imported: 2 });
    expect(await plugin.state.get(`contact/${NUMBER}`)).toBeUndefined();
    expect((await load(text, { international: true })).result).toMatchObject({ imported: 2 });
    expect(await plugin.state.get(`contact/${NUMBER}`)).toMatchObject({ kind: 'imported' });
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
    ['a file in UTF-16', { file: csv('\ufffd\ufffdn\0u\0') }, '^the file is not CSV in UTF-8$'],
    ['a file with a null character', { file: csv('a,n\0u') }, 'is not CSV in UTF-8'],
    ['a file with other bytes', { file: csv('a,\ufffd') }, 'is not CSV in UTF-8'],
    ['a file whose first quote is not closed', { file: csv('a,"b') }, 'is not CSV in UTF-8'],
    [
      'a column that does not exist, of many',
      { file: csv(`${'a'.repeat(150)},${'b'.repeat(49)}`), column: 'c' },
      `^no column c: the first line has ${'a'.repeat(150)}, ${'b'.repeat(48)}$`,
    ],
    ['a head without numbers', { file: csv('a,date\nc,d'), dateColumn: 'date' }, 'no column of numbers'],
    ['a channel that does not exist, with numbers', { file: csv(NUMBER), channel: 'x' }, "whatsapp 'x'$"],
    ['a file without numbers', { file: csv('a,b\nc,d') }, 'no column of numbers: name it with --column'],
    ['a column that does not exist', { file: csv('a,b\nc,d'), column: 'c' }, 'no column c: the first line has a, b'],
    ['a channel that does not exist', { file: csv('a'), channel: 'sms' }, "no channel of type whatsapp 'sms'"],
  ])('refuses %s', async (_what, input, message) => {
    await start();
    await expect(plugin.run('contacts import', input)).rejects.toMatchObject(failed(message));
  });

  /** The command with its own container. */
  function run(text: string, state: State | undefined, signal = new AbortController().signal) {
    const settings = whatsAppChannel.schema.parse(channel());
    const channels = [{ name: 'whatsapp', type: 'whatsapp', phoneNumber: settings.phoneNumber, settings } as Channel];
    const container = new Container();
    container.bind(Channels).toConstantValue(new Channels(channels));
    if (state !== undefined) container.bind(PluginState).toConstantValue(state);
    container.bind(optionsToken(messagingOptions)).toConstantValue({});
    const input = { file: csv(text), international: false };
    const call = { input, state: plugin.state, container, signal, maskPhoneNumbers: (one: string) => one };
    return importContacts.run(call);
  }

  it('fails when it is interrupted', async () => {
    await start();
    const interrupted = run(`number\n${NUMBER}`, plugin.state, AbortSignal.abort());
    await expect(interrupted).rejects.toMatchObject(failed('^interrupted after 0 numbers$'));
  });

  it('needs a state file or a Redis', async () => {
    await start();
    await expect(run(`number\n${NUMBER}`, undefined)).rejects.toMatchObject(
      failed('^a host of this configuration keeps it in memory alone: set state, or sharedState of the plugin$'),
    );
  });

  it('says how many numbers were written before one failed, a hundred at a time', async () => {
    await start();
    let writes = 0;
    const update: State['update'] = (id, change) =>
      ++writes > 150 ? Promise.reject(new Error('full')) : plugin.state.update(id, change);
    const state = new Proxy(plugin.state, {
      get: (target, name: keyof State) => (name === 'update' ? update : target[name]),
    });
    const lines = Array.from({ length: 250 }, (_, index) => `+4930${1_000_000 + index}\n`);
    await expect(run(lines.join(''), state)).rejects.toMatchObject(
      failed('^after 100 numbers, one could not be written: full$'),
    );
    expect(writes).toBe(200);
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
    expect(text).toMatch(/state +imported +2/);
    expect(text).toMatch(/two +unknown \(fault\)\n/);
  });

  it('prints two tables', async () => {
    const now = Date.parse('2026-11-30');
    jest.spyOn(Date, 'now').mockReturnValue(now);
    await start({ one: channel(), two: channel(undefined, { unconfirmedMs: DAY_MS }) });
    const evidence = { kind: 'undeliverable', at: now - DAY_MS };
    await plugin.state.put(`contact/${NUMBER}`, evidence, { keepMs: 8 * DAY_MS, keys: [NUMBER] });
    expect((await plugin.run('contacts show', { number: NUMBER })).text.split('\n')).toEqual([
      NUMBER,
      '',
      'EVIDENCE OF  KIND           AT',
      'state        undeliverable  2026-11-29T00:00:00.000Z',
      expect.stringMatching(/^redis {8}none *$/),
      '',
      expect.stringMatching(/^CHANNEL {2}DECISION {9}UNTIL$/),
      expect.stringMatching(/^one {6}unconfirmed {6}2026-12-\d\dT00:00:00.000Z$/),
      expect.stringMatching(/^two {6}unknown \(empty\) *$/),
      '',
    ]);
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

redisDescribe('with a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  const cloud: ChannelValues = {
    ...channel('+4930123456'),
    api: { driver: 'cloud', phoneNumberId: '1064', businessAccountId: '1029', token: 't' },
  };
  const begin = (keyPrefix: string) => {
    const shared = { url: redis.url, timeoutMs: 10_000, keyPrefix };
    return start({ whatsapp: channel(), cloud }, { sharedState: { redis: shared } });
  };

  it('import and show use both, and forget erases from both', async () => {
    await begin('both:');
    await load(`number\n${NUMBER}`);
    const { result, text } = await plugin.run('contacts show', { number: NUMBER });
    expect(result).toMatchObject({ stateFile: { kind: 'imported' }, redis: { kind: 'imported' } });
    expect(text).toMatch(/^redis +imported +2/m);
    const store = await redis.client();
    await store.set(`both:contact:+919876543210:${NUMBER}`, '{}');
    await store.set(`both:contact:+4930123456:${NUMBER}`, '{}');
    await store.set(`both:pair:1064:${NUMBER}`, '1');
    await store.zAdd('both:users:1029', { score: 1, value: NUMBER });
    const forgotten = await plugin.run('contacts forget', { number: NUMBER });
    expect(forgotten).toEqual({
      result: { number: NUMBER, stateFile: 1, redis: 5 },
      text: `${NUMBER} is erased (state: 1 records, redis: 5 entries)\n`,
    });
    expect((await store.keys('both:*')).filter((key) => key !== 'both:probe')).toEqual([]);
    store.destroy();
  });

  it('forget says so if Redis has not forgotten', async () => {
    await begin('wrong:');
    const store = await redis.client();
    await store.set('wrong:users:1029', 'no set');
    await expect(plugin.run('contacts forget', { number: NUMBER })).rejects.toMatchObject(
      failed('^the state has forgotten the number, but not redis; run it again: WRONGTYPE'),
    );
    store.destroy();
  });
});

it('forget names only the places that there are', () => {
  const text = (stateFile: number | null, redis: number | null) =>
    forgetContact.text({ number: '+1', stateFile, redis });
  expect([text(2, null), text(null, 3)]).toEqual([
    '+1 is erased (state: 2 records)\n',
    '+1 is erased (redis: 3 entries)\n',
  ]);
});

describe('contacts forget', () => {
  it('erases what is known about a number, in each of its forms, and nothing else', async () => {
    await start();
    await load(`number\n+552187654321\n${OTHER}`);
    for (const key of ['+552187654321', '+5521987654321'])
      await plugin.state.put(`other/${key}`, {}, { keepMs: DAY_MS, keys: [key] });
    const { result, text } = await plugin.run('contacts forget', { number: '+55 21 98765-4321' });
    expect(result).toEqual({ number: '+5521987654321', stateFile: 3, redis: null });
    expect(text).toBe('+5521987654321 is erased (state: 3 records)\n');
    expect([await validates('+5521987654321'), await validates(OTHER)]).toEqual([false, true]);
    expect((await plugin.run('contacts forget', { number: '+5521987654321' })).result).toMatchObject({ stateFile: 0 });
  });

  it('works without a channel that decides by evidence', async () => {
    await start({ whatsapp: { ...channel(), contacts: { from: 'number-plan' } } });
    await plugin.state.put('x', {}, { keepMs: DAY_MS, keys: [NUMBER] });
    expect((await plugin.run('contacts forget', { number: NUMBER })).result).toMatchObject({ stateFile: 1 });
  });
});
