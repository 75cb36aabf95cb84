import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/config/index.js';
import { Records, RedisState, StateFile, Transaction } from '../../src/state/index.js';
import { Metrics } from '../../src/telemetry/index.js';
import { until } from '../support/eventually.js';
import { seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { RedisServer } from '../support/redis-server.js';
import { redisState } from '../support/redis-state.js';
import { redisDescribe } from '../support/redis-tests.js';

const HOUR = { keepMs: 3_600_000 };
const PASSWORD = 'r3d1s-hush';

redisDescribe('a state in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start({ password: PASSWORD });
  });
  afterAll(() => server.stop());

  let prefixes = 0;
  let prefix: string;
  let one: RedisState;
  let other: RedisState;
  beforeEach(async () => {
    prefix = `shared-${prefixes++}:`;
    [one, other] = [await open(), await open()];
  });
  afterEach(() => Promise.all([one.close(), other.close()]));

  const open = () => redisState(server.url, prefix, PASSWORD);
  const settings = (keyPrefix = prefix) => ({
    url: server.url,
    password: new Secret(PASSWORD),
    keyPrefix,
    timeoutMs: 10_000,
  });
  const accept = (id: string, most = 1000) =>
    one.do('accept', { path: '/a', now: Date.now(), most, events: [{ id, key: undefined, data: `"${id}"` }] });

  it('is the same for all hosts', async () => {
    await new Records(one, 'plugin').put('a', 1, { ...HOUR, keys: ['k'] });
    const records = new Records(other, 'plugin');
    expect([records.isShared, await records.get('a'), await records.find('k')]).toMatchObject([true, 1, [{ id: 'a' }]]);
    expect(await other.do('load', { seqs: (await accept('e1')) as number[] })).toMatchObject([
      { id: 'e1', data: '"e1"' },
    ]);
  });

  it('takes no more events of a path than it may have', async () => {
    expect([await accept('e1', 2), await accept('e2', 2), await accept('e3', 2)]).toEqual([[1], [2], []]);
    await one.do('fail', { seq: 1, attempts: 9, parked: true });
    expect(await accept('e3', 2)).toEqual([]);
    await one.do('drop', { seqs: [1] });
    expect(await accept('e3', 2)).toEqual([3]);
  });

  it('gives events after a seq, page by page', async () => {
    for (const id of ['e1', 'e2', 'e3']) await accept(id);
    const seqs = async (after: number, most: number) =>
      (await other.do('waiting', { after, most })).map(({ seq }) => seq);
    expect([await seqs(0, 2), await seqs(2, 2), await seqs(3, 2)]).toEqual([[1, 2], [3], []]);
  });

  it('has one term at a time, and the operations of others change nothing', async () => {
    const { lease } = one;
    expect([await lease.take('a 1', 'a '), await other.lease.take('b 1', 'b '), await lease.extend('a 1')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await lease.take('a 2', 'a ')).toBe(true);
    await accept('e1');
    const late = new Transaction(one, 'plugin', 'a 1');
    await late.put('x', 1, HOUR);
    expect(await late.commit(1)).toBe('gone');
    expect(await new Records(one, 'plugin').get('x')).toBeUndefined();
    const fenced = { code: 'ESP_STATE_FAILED', message: 'another host handles the events' };
    const term = 'a 1';
    for (const refused of [
      one.do('waiting', { term }),
      one.do('load', { term, seqs: [1] }),
      one.do('fail', { term, seq: 1, attempts: 1, parked: true }),
      one.do('drop', { term, seqs: [1] }),
      one.do('unpark', { term, until: 1, most: 1 }),
      one.do('purge', { term, now: 1, before: 1, remembered: 1 }),
    ]) {
      await expect(refused).rejects.toMatchObject(fenced);
    }
    expect(await one.do('waiting', { term: 'a 2' })).toMatchObject([{ seq: 1, attempts: 0 }]);
    await lease.release('a 1');
    expect(await other.lease.take('b 1', 'b ')).toBe(false);
    await lease.release('a 2');
    expect([await other.lease.take('b 1', 'b '), await lease.extend('a 2')]).toEqual([true, false]);
  });

  it('reads back what is written, whatever its ids, keys and values are', async () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    const record = fc.record({ id: text, value: fc.jsonValue(), keys: fc.array(text, { maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 8 }), async (all) => {
        const owner = `plugin-${prefixes++}`;
        const file = StateFile.inMemory();
        const [model, records] = [new Records(file, owner), new Records(one, owner)];
        for (const { id, value, keys } of all) {
          await model.put(id, value, { ...HOUR, keys });
          await records.put(id, value, { ...HOUR, keys });
        }
        const found = async (state: Records, key: string) =>
          (await state.find(key)).map(({ id, value }) => ({ id, value }));
        for (const key of all.flatMap(({ keys }) => keys))
          expect(await found(records, key)).toEqual(await found(model, key));
        for (const { id, keys } of all) {
          expect(await records.get(id)).toEqual(await model.get(id));
          const [key] = keys;
          if (key !== undefined) expect(await records.forget(key)).toBe(await model.forget(key));
        }
        await file.close();
      }),
      { numRuns: 40 },
    );
  });

  it('leaves nothing in the server of what is erased or has expired', async () => {
    const records = new Records(one, 'plugin');
    await records.put('a', 'of a person', { ...HOUR, keys: ['+16315551002', 'k'] });
    await records.put('b', 'of a person', { keepMs: 1, keys: ['+16315551002'] });
    await records.forget('k');
    await one.do('purge', { now: Date.now() + 1000, before: 0, remembered: 10 });
    const client = await server.client();
    expect((await client.keys(`${prefix}state:*`)).toSorted()).toEqual([
      `${prefix}state:format`,
      `${prefix}state:last`,
    ]);
    client.destroy();
  });

  it('of a later version is refused', async () => {
    const client = await server.client();
    await client.set(`${prefix}state:format`, '2');
    client.destroy();
    await expect(open()).rejects.toMatchObject({
      code: 'ESP_STATE_UNUSABLE',
      message: `redis 127.0.0.1:${server.port} cannot be used: its data has version 2, and this host reads version 1`,
    });
    const start = RedisState.open(settings(), { logger: new LogLines('info').logger, metrics: new Metrics() });
    await expect(start).rejects.toMatchObject({ code: 'ESP_STATE_UNUSABLE' });
  });

  it('that has a later version when the server is back is refused', async () => {
    const state = await RedisState.open(settings(), { logger: new LogLines('info').logger, metrics: new Metrics() });
    const records = new Records(state, 'plugin');
    const client = await server.client();
    await client.set(`${prefix}state:format`, '2');
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    const failed = async () => (await records.get('a').catch((error: Error) => error)) as Error | undefined;
    await until(async () => /its data has version 2/.test((await failed())?.message ?? ''), 'it is refused');
    client.destroy();
    await state.close();
  });

  it('that hides what it is is examined without it', async () => {
    const client = await server.client();
    await client.sendCommand(['ACL', 'SETUSER', 'blind', 'on', '>see', '~*', '&*', '+@all', '-info']);
    const blind = { ...settings(), username: 'blind', password: new Secret('see') };
    const state = await RedisState.open(blind, { logger: new LogLines('info').logger, metrics: new Metrics() });
    expect(await state.examine()).toEqual({ losses: [], version: undefined });
    client.destroy();
    await state.close();
  });

  it('works on when the server has forgotten the scripts', async () => {
    await new Records(one, 'plugin').put('a', 1, HOUR);
    const client = await server.client();
    await client.scriptFlush();
    client.destroy();
    expect(await new Records(one, 'plugin').get('a')).toBe(1);
  });

  it('finishes what it was asked for when it closes', async () => {
    const asked = Array.from({ length: 20 }, (_, index) => new Records(one, 'plugin').put(`r${index}`, index, HOUR));
    await one.close();
    await Promise.all(asked);
    expect(await new Records(other, 'plugin').get('r19')).toBe(19);
  });

  it('says how many records it forgets', async () => {
    const records = new Records(one, 'plugin');
    for (let index = 0; index < 3; index++) await records.put(`r${index}`, index, { ...HOUR, keys: ['k'] });
    await records.put('other', 1, { ...HOUR, keys: ['l'] });
    expect(await one.do('forget', { owner: 'plugin', key: 'k' })).toBe(3);
    expect(await one.do('forget', { owner: 'plugin', key: 'k' })).toBe(0);
    expect([await records.get('r0'), await records.get('other')]).toEqual([undefined, 1]);
  });

  it('examines what the server may lose', async () => {
    const client = await server.client();
    const info = await client.info('server');
    const [, number = ''] = /valkey_version:(\S+)/.exec(info) ?? /redis_version:(\S+)/.exec(info) ?? [];
    const version = `${info.includes('valkey_version') ? 'valkey' : 'redis'} ${number}`;
    const noAof = 'it loses webhooks when it restarts: it has no AOF (appendonly no)';
    expect(await one.examine()).toEqual({ losses: [noAof], version });
    await client.configSet('appendonly', 'yes');
    expect(await one.examine()).toEqual({ losses: [], version });
    await client.configSet('appendonly', 'no');
    await client.configSet('maxmemory-policy', 'volatile-ttl');
    const evicts = 'it may evict the state: its maxmemory-policy is volatile-ttl, not noeviction';
    expect(await one.examine()).toEqual({ losses: [evicts, noAof], version });
    await client.configSet('maxmemory-policy', 'noeviction');
    client.destroy();
  });

  it('warns of a server that may lose it', async () => {
    const log = new LogLines('info');
    const client = await server.client();
    await client.configSet('maxmemory-policy', 'allkeys-lru');
    const state = await RedisState.open(settings(), { logger: log.logger, metrics: new Metrics() });
    await log.line(/it may evict the state: its maxmemory-policy is allkeys-lru, not noeviction/);
    await log.line(/it loses webhooks when it restarts: it has no AOF/);
    await client.configSet('maxmemory-policy', 'noeviction');
    client.destroy();
    await state.close();
  });
});

redisDescribe('while Redis is away, a state', () => {
  it('fails, says so once, and is back by itself', async () => {
    const server = await RedisServer.start({ password: PASSWORD });
    const [log, metrics] = [new LogLines('info'), new Metrics()];
    await server.stop();
    const settings = { url: server.url, password: new Secret(PASSWORD), keyPrefix: 'p:', timeoutMs: 10_000 };
    await expect(RedisState.open(settings, { logger: log.logger, metrics, mustBeUp: true })).rejects.toMatchObject({
      code: 'ESP_STATE_UNUSABLE',
    });
    const state = await RedisState.open(settings, { logger: log.logger, metrics });
    const records = new Records(state, 'plugin');
    await expect(records.get('a')).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
    expect(seriesValue(await metrics.text(), 'esp_state_up')).toBe(0);
    await server.start();
    await log.line(/is back: it keeps the state again/);
    await records.put('a', 1, HOUR);
    expect([await records.get('a'), seriesValue(await metrics.text(), 'esp_state_up')]).toEqual([1, 1]);
    await state.close();
    await expect(records.get('a')).rejects.toMatchObject({ code: 'ESP_STATE_FAILED', message: 'the state is closed' });
    expect(log.lines.join('\n')).not.toContain(PASSWORD);
    await server.stop();
  });
});
