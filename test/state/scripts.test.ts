import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/index.js';
import { Records, RedisState, type StateStore, Transaction } from '../../src/state/index.js';
import { SCRIPTS } from '../../src/state/scripts.js';
import { Metrics } from '../../src/telemetry/index.js';
import { ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
import { RedisServer } from '../support/redis-server.js';
import { redisState } from '../support/redis-state.js';
import { redisDescribe } from '../support/redis-tests.js';

const HOUR = { keepMs: 3_600_000 };
const EVER = Number.MAX_SAFE_INTEGER;
const TERM = 'a 1';

afterAll(removeFolders);

it('the scripts run no commands but those that docs/webhooks.md lets a user of Redis run', () => {
  const [, listed = ''] =
    /ACL SETUSER\s+esp-host (.*?)`/s.exec(readFileSync(join(ROOT, 'docs/webhooks.md'), 'utf8')) ?? [];
  const allowed = [...listed.matchAll(/\+(\w+)/g)].map(([, name]) => name);
  const run = Object.values(SCRIPTS).flatMap(({ text }) => [...text.matchAll(/redis\.call\('(\w+)'/g)]);
  const needed = new Set(['eval', 'evalsha', 'info', ...run.map(([, name = '']) => name.toLowerCase())]);
  expect(allowed.toSorted()).toEqual([...needed].toSorted());
});

it('the scripts use no keys but those that docs/webhooks.md lets a user of Redis use', () => {
  const keys = new Set(Object.values(SCRIPTS).flatMap((script) => script.keys));
  expect([...keys].filter((key) => !/^state:[a-z]+$/.test(key))).toEqual([]);
  expect(keys.size).toBe(15);
});

redisDescribe('the scripts of a state in Redis', () => {
  let server: RedisServer;
  let client: Awaited<ReturnType<RedisServer['client']>>;
  let prefix = '';
  let prefixes = 0;
  let state: RedisState;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = await server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    prefix = `hosts-${prefixes++}:`;
    state = await redisState(server.url, prefix);
  });
  afterEach(() => state.close());

  const accept = (...ids: string[]) =>
    state.do('accept', { path: '/a', now: Date.now(), events: ids.map((id) => ({ id, key: undefined, data: '{}' })) });
  const seqsOf = async (store: StateStore) => (await store.do('waiting', {})).map(({ seq }) => seq);

  it('end a term that is not extended', async () => {
    await state.lease.take(TERM, 'a ');
    const leftMs = await client.pTTL(`${prefix}state:lease`);
    expect(leftMs).toBeGreaterThan(1000);
    expect(leftMs).toBeLessThanOrEqual(10_000);
    await client.pExpire(`${prefix}state:lease`, 1);
    await state.lease.extend(TERM);
    expect(await client.pTTL(`${prefix}state:lease`)).not.toBe(-1);
  });

  it('let a host take its turn anew, though the answer about the last time got lost', async () => {
    const { lease } = state;
    await lease.take('a 1', 'a ');
    expect([await lease.take('a 2', 'a '), await lease.extend('a 1'), await lease.extend('a 2')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('leave nothing behind that has ended or expired, but the ids that it remembers', async () => {
    const records = new Records(state, 'one');
    await accept('e1', 'e2');
    await state.do('fail', { seq: 2, attempts: 1, parked: true });
    await records.put('a', 1, { keepMs: 1e-9, keys: ['k', 'l'] });
    await new Transaction(state, 'one').commit(1);
    await state.do('purge', { now: EVER, before: EVER, remembered: 10 });
    const keys = await client.keys(`${prefix}*`);
    expect(keys.toSorted()).toEqual([`${prefix}state:format`, `${prefix}state:last`]);
  });

  it('find, forget and remove many records, a limited number at a time', async () => {
    const records = new Records(state, 'one');
    const putAll = (keepMs: number, from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, at) => records.put(`${from + at}`, 1, { keepMs, keys: ['k'] })),
      );
    await putAll(HOUR.keepMs, 0, 20);
    await putAll(1e-9, 20, 1220);
    await putAll(HOUR.keepMs, 1220, 1230);
    const newest = [...Array.from({ length: 10 }, (_, at) => `${1229 - at}`), '19', '18'];
    expect((await records.find('k', { limit: 12 })).map(({ id }) => id)).toEqual(newest);
    expect(await records.find('k', { limit: 2000 })).toHaveLength(30);
    expect(new Set(await state.do('keyed', { owner: 'one', key: 'k' })).size).toBe(1230);
    await state.do('purge', { now: Date.now() + 1, before: 0, remembered: 10 });
    expect(await state.do('keyed', { owner: 'one', key: 'k' })).toHaveLength(30);
    await putAll(1e-9, 20, 1220);
    expect(await records.forget('k')).toBe(1230);
  });

  it('lose no event because the server denies a command', async () => {
    await client.aclSetUser('poor', ['on', '>poor', '~*', '+@all', '-zadd']);
    const settings = {
      url: server.url,
      keyPrefix: prefix,
      timeoutMs: 10_000,
      username: 'poor',
      password: new Secret('poor'),
    };
    const poor = await RedisState.open(settings, { logger: new LogLines().logger, metrics: new Metrics() });
    const event = { id: 'e1', key: undefined, data: '{}' };
    const denied = { code: 'ESP_STATE_FAILED', message: expect.stringContaining("can't run this command") };
    await expect(poor.do('accept', { path: '/a', now: 1, events: [event] })).rejects.toMatchObject(denied);
    const [seq = null] = await accept('e1');
    const transaction = new Transaction(poor, 'one');
    await transaction.put('a', 1, { ...HOUR, keys: ['k'] });
    await expect(transaction.commit(seq ?? 0)).rejects.toMatchObject(denied);
    expect(await seqsOf(state)).toEqual([seq]);
    await poor.close();
  });

  it('still end events, and free memory, when that of the server is full', async () => {
    const records = new Records(state, 'one');
    await accept('e1', 'e2');
    await records.put('a', 1, { keepMs: 1e-9 });
    await client.configSet('maxmemory', '1');
    const late = await redisState(server.url, prefix);
    try {
      await expect(accept('e3')).rejects.toThrow('OOM');
      await expect(records.put('b', 1, HOUR)).rejects.toThrow('OOM');
      expect(await late.lease.take(TERM, 'a ')).toBe(true);
      const transaction = new Transaction(late, 'one', TERM);
      await transaction.put('c', 1, HOUR);
      expect(await transaction.commit(1)).toBe('done');
      await state.do('drop', { term: TERM, seqs: [2] });
      await state.do('purge', { term: TERM, now: EVER, before: EVER, remembered: 10 });
      expect([await seqsOf(late), await client.exists(`${prefix}state:events`)]).toEqual([[], 0]);
    } finally {
      await late.close();
      await client.configSet('maxmemory', '0');
    }
    expect(await accept('e3')).toEqual([expect.any(Number)]);
  });

  it('are not used if the server takes no writes', async () => {
    await client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    try {
      await expect(redisState(server.url, prefix)).rejects.toMatchObject({
        code: 'ESP_STATE_UNUSABLE',
        message: expect.stringContaining('READONLY'),
      });
    } finally {
      await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    }
  });
});
