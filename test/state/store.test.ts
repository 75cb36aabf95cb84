import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Records, type State, StateError, StateFile, type StateStore, Transaction } from '../../src/state/index.js';
import { folder, removeFolders } from '../support/files.js';
import { hasRedis, RedisServer } from '../support/redis-server.js';
import { redisState } from '../support/redis-state.js';

const HOUR = { keepMs: 3_600_000 };
const NOW = 1_800_000_000_000;

let server: RedisServer | undefined;
beforeAll(async () => {
  if (hasRedis()) server = await RedisServer.start();
});
afterAll(async () => {
  await server?.stop();
  removeFolders();
});

let prefixes = 0;
const STORES: [string, () => Promise<StateStore>][] = [
  ['in memory', async () => StateFile.inMemory()],
  ['in a file', () => StateFile.open(join(folder(), 'state.db'))],
];
if (hasRedis()) STORES.push(['in Redis', () => redisState(server?.url ?? '', `state-${prefixes++}:`)]);

/** What every state does, wherever it is. */
describe.each(STORES)('a state %s', (_where, open) => {
  let store: StateStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  const accept = (...ids: string[]) =>
    store.do('accept', { path: '/a', now: Date.now(), events: ids.map((id) => ({ id, key: undefined, data: '{}' })) });
  const waiting = async () => (await store.do('waiting', {})).map(({ seq }) => seq);

  describe('records', () => {
    it('belong to one plugin', async () => {
      const [one, other] = [new Records(store, 'one'), new Records(store, 'other')];
      await one.put('a', { b: [1] }, HOUR);
      expect([await one.get('a'), await other.get('a')]).toEqual([{ b: [1] }, undefined]);
      await other.delete('a');
      expect(await one.get('a')).toEqual({ b: [1] });
      await one.delete('a');
      expect(await one.get('a')).toBeUndefined();
    });

    it('expire', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { keepMs: 1e-9 });
      await records.put('b', 2, HOUR);
      expect([await records.get('a'), await records.get('b')]).toEqual([undefined, 2]);
      await store.do('purge', { now: Date.now() + 1, before: 0, remembered: 10 });
      expect((await store.do('read', { owner: 'one', id: 'a', now: 0 })).version).toBe(0);
    });

    it.each([
      ['a long id', 'a'.repeat(513), 1, 1],
      ['a long value', 'a', 'b'.repeat(262_144), 1],
      ['no JSON', 'a', undefined, 1],
      ['no time to keep it', 'a', 1, 0],
      ['an empty key', 'a', 1, 1, ['']],
      ['a long key', 'a', 1, 1, ['k'.repeat(513)]],
      ['too many keys', 'a', 1, 1, Array.from({ length: 17 }, (_, index) => `k${index}`)],
    ])('with %s are refused', async (_what, id, value, keepMs, keys: string[] = []) => {
      const refused = await new Records(store, 'one').put(id, value, { keepMs, keys }).catch((error) => error);
      expect(refused).toBeInstanceOf(StateError);
      expect(refused.code).toBe('ESP_STATE_INVALID_RECORD');
    });
  });

  it('records may have the longest ids, values and keys, and the most keys', async () => {
    const records = new Records(store, 'one');
    const value = 'b'.repeat(262_144 - 2);
    const keys = Array.from({ length: 16 }, (_, index) => `${index % 10}`.repeat(index < 10 ? 512 : 511));
    await records.put('a'.repeat(512), value, { keepMs: 60_000, keys });
    expect(await records.find(keys[15] ?? '')).toMatchObject([{ id: 'a'.repeat(512), value }]);
  });

  it('a record expires at its time, not after it', async () => {
    const expiresAt = Date.now() + 60_000;
    const writes = [{ id: 'r', value: '1', expiresAt, keys: ['k'] }];
    await store.do('commit', { owner: 'one', seq: undefined, reads: [], writes });
    const read = (now: number) => store.do('read', { owner: 'one', id: 'r', now });
    expect([(await read(expiresAt - 1)).value, (await read(expiresAt)).value]).toEqual(['1', null]);
    const find = (now: number) => store.do('find', { owner: 'one', key: 'k', now, limit: 1, before: 1000 });
    expect([(await find(expiresAt - 1)).length, (await find(expiresAt)).length]).toEqual([1, 0]);
  });

  it('records may be kept for a fraction of a millisecond, without harm to what is written with them', async () => {
    const records = new Records(store, 'one');
    await Promise.all([records.put('a', 1, { keepMs: 86_400_000 / 7 }), records.put('b', 2, HOUR), accept('1')]);
    expect([await records.get('a'), await records.get('b'), (await waiting()).length]).toEqual([1, 2, 1]);
  });

  it('keys that are the same in the file are one key', async () => {
    const records = new Records(store, 'one');
    await records.put('a', 1, { ...HOUR, keys: ['k\ud800', 'k\ud801'] });
    expect(await records.find('k\ufffd')).toMatchObject([{ id: 'a' }]);
  });

  describe('an id that is not a string, or too long,', () => {
    const ids = [undefined, 5, { toString: () => 'a' }, 'a'.repeat(513)] as readonly unknown[] as readonly string[];
    const uses: [string, (state: State, id: string) => Promise<unknown>][] = [
      ['get', (state, id) => state.get(id)],
      ['put', (state, id) => state.put(id, 1, HOUR)],
      ['delete', (state, id) => state.delete(id)],
      ['update', (state, id) => state.update(id, () => ({ value: 1, ...HOUR }))],
      ['find', (state, id) => state.find(id)],
      ['forget', (state, id) => state.forget(id)],
    ];
    it.each(uses)('is refused by %s, and nothing else of the batch is', async (_name, use) => {
      for (const id of ids) {
        for (const records of [new Records(store, 'one'), new Transaction(store, 'one')]) {
          const [refused, accepted] = await Promise.allSettled([use(records, id), accept(`${Math.random()}`)]);
          expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ESP_STATE_INVALID_RECORD' } });
          expect(accepted.status).toBe('fulfilled');
        }
      }
    });
  });

  describe('the keys of records', () => {
    const idsOf = async (state: State, key: string) => (await state.find(key)).map(({ id }) => id);

    it.each([{ limit: 1.5 }, { limit: -1 }, { limit: Number.NaN }, { before: 1.5 }, { before: Number.NaN }])(
      'find nothing with %j',
      async (options) => {
        const records = new Records(store, 'one');
        await expect(records.find('k', options)).rejects.toThrow('limit and before of find must be whole numbers');
      },
    );

    it('find the records of one plugin, newest first, page by page', async () => {
      const records = new Records(store, 'one');
      await records.put('b', 1, { ...HOUR, keys: ['k', 'k', 'other'] });
      await records.put('a', 2, { ...HOUR, keys: ['k'] });
      await records.put('c', 3, { ...HOUR, keys: ['k'] });
      await new Records(store, 'other').put('d', 4, { ...HOUR, keys: ['k'] });
      // A change of a record does not make it newer.
      await records.put('b', 5, { ...HOUR, keys: ['k'] });
      const page = await records.find<number>('k', { limit: 2 });
      expect(page).toMatchObject([
        { id: 'c', value: 3 },
        { id: 'a', value: 2 },
      ]);
      expect(await records.find('k', { before: page[1]?.seq })).toMatchObject([{ id: 'b', value: 5 }]);
      expect(await idsOf(records, 'other')).toEqual([]);
    });

    it('go with their record', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { ...HOUR, keys: ['k'] });
      await records.put('b', 1, { keepMs: 1e-9, keys: ['k'] });
      await records.put('c', 1, { ...HOUR, keys: ['k'] });
      expect(await idsOf(records, 'k')).toEqual(['c', 'a']);
      await records.delete('a');
      await store.do('purge', { now: Date.now() + 1, before: 0, remembered: 10 });
      expect(await store.do('keyed', { owner: 'one', key: 'k' })).toEqual(['c']);
      await records.put('b', 2, { ...HOUR, keys: ['k'] });
      expect(await idsOf(records, 'k')).toEqual(['b', 'c']);
    });

    it('make a record that has expired, and is put again, the newest', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { keepMs: 1e-9, keys: ['k'] });
      await records.put('b', 1, { ...HOUR, keys: ['k'] });
      await records.put('a', 2, { ...HOUR, keys: ['k'] });
      expect(await idsOf(records, 'k')).toEqual(['a', 'b']);
    });

    it('erase all records of a person', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { ...HOUR, keys: ['number:1'] });
      await records.put('b', 1, { keepMs: 1e-9, keys: ['number:1', 'k'] });
      await records.put('c', 1, { ...HOUR, keys: ['number:2', 'k'] });
      expect(await records.forget('number:1')).toBe(2);
      expect([await records.get('a'), await records.get('c'), await records.forget('number:1')]).toEqual([
        undefined,
        1,
        0,
      ]);
    });

    it('are found in a transaction as they were committed, and forgotten at its end', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { ...HOUR, keys: ['k'] });
      await records.put('b', 1, { ...HOUR, keys: ['k'] });
      const [seq = null] = await accept('e1');
      const transaction = new Transaction(store, 'one');
      await transaction.put('c', 1, { ...HOUR, keys: ['k'] });
      await transaction.put('b', 1, HOUR);
      expect(await idsOf(transaction, 'k')).toEqual(['b', 'a']);
      expect(await transaction.forget('k')).toBe(2);
      expect(await idsOf(records, 'k')).toEqual(['b', 'a']);
      expect(await transaction.commit(seq ?? 0)).toBe('done');
      expect([await records.get('a'), await records.get('b'), await records.get('c')]).toEqual([
        undefined,
        1,
        undefined,
      ]);
    });
  });

  describe('update', () => {
    const add = (value: number | undefined) => ({ value: (value ?? 0) + 1, ...HOUR });

    it('changes the value that a record has now', async () => {
      const records = new Records(store, 'one');
      expect(await Promise.all(Array.from({ length: 20 }, () => records.update('a', add)))).toHaveLength(20);
      expect(await records.get('a')).toBe(20);
      expect(await records.update('a', () => undefined)).toBe(20);
      expect(await records.update('b', () => undefined)).toBeUndefined();
    });

    it('does not bring back a record that was erased meanwhile', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, { ...HOUR, keys: ['k'] });
      const seen: unknown[] = [];
      const updated = records.update<number>('a', (value) => {
        // Comes before the write.
        if (seen.length === 0) void records.forget('k');
        seen.push(value);
        return value === undefined ? undefined : { value: value + 1, ...HOUR };
      });
      expect([await updated, seen, await records.get('a')]).toEqual([undefined, [1, undefined], undefined]);
    });

    it('gives up if the record changes each time', async () => {
      const records = new Records(store, 'one');
      const updated = records.update<number>('a', (value) => {
        void records.put('a', 1, HOUR);
        return add(value);
      });
      await expect(updated).rejects.toMatchObject({ code: 'ESP_STATE_CONFLICT' });
    });

    it('is part of a transaction', async () => {
      const records = new Records(store, 'one');
      const [seq = null] = await accept('e1');
      const transaction = new Transaction(store, 'one');
      expect([await transaction.update('a', add), await transaction.update('a', add)]).toEqual([1, 2]);
      expect([await transaction.update('a', () => undefined), await transaction.get('a')]).toEqual([2, 2]);
      await records.put('a', 7, HOUR);
      expect(await transaction.commit(seq ?? 0)).toBe('conflict');
    });
  });

  describe('a transaction', () => {
    it('sees its own changes; others see them when the event ends', async () => {
      const records = new Records(store, 'one');
      const [seq = null] = await accept('e1');
      const transaction = new Transaction(store, 'one');
      await transaction.put('a', 1, HOUR);
      expect([await transaction.get('a'), await records.get('a')]).toEqual([1, undefined]);
      expect(await transaction.commit(seq ?? 0)).toBe('done');
      expect([await records.get('a'), await waiting()]).toEqual([1, []]);
    });

    it('that read a record which has changed writes nothing', async () => {
      const records = new Records(store, 'one');
      const [seq = null] = await accept('e1');
      for (const change of [
        () => records.put('a', 1, HOUR),
        () => records.put('a', 1, HOUR),
        () => records.delete('a'),
      ]) {
        const transaction = new Transaction(store, 'one');
        await transaction.get('a');
        await transaction.put('b', 1, HOUR);
        await change();
        expect(await transaction.commit(seq ?? 0)).toBe('conflict');
      }
      expect([await records.get('b'), await waiting()]).toEqual([undefined, [seq]]);
    });

    it('that read a record which was deleted and put again writes nothing', async () => {
      const records = new Records(store, 'one');
      await records.put('a', 1, HOUR);
      const [seq = null] = await accept('e1');
      const transaction = new Transaction(store, 'one');
      await transaction.update('a', () => ({ value: 2, ...HOUR }));
      await records.delete('a');
      await records.put('a', 3, HOUR);
      expect(await transaction.commit(seq ?? 0)).toBe('conflict');
    });

    it('of an event that has ended writes nothing', async () => {
      const [seq = null] = await accept('e1');
      expect(await new Transaction(store, 'one').commit(seq ?? 0)).toBe('done');
      const late = new Transaction(store, 'one');
      await late.put('a', 1, HOUR);
      expect(await late.commit(seq ?? 0)).toBe('gone');
      expect(await new Records(store, 'one').get('a')).toBeUndefined();
    });
  });

  describe('the inbox', () => {
    it('drops duplicates until they are forgotten', async () => {
      expect(await accept('e1', 'e2', 'e1')).toEqual([1, 2, null]);
      await store.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10 });
      expect(await accept('e1')).toEqual([3]);
    });

    it('ends events whose ids and keys hold any characters', async () => {
      const ids = ['\ud800', '\u0000', 'a\nb', '"\\', '\u{1f600}'];
      const events = ids.map((id) => ({ id, key: id, data: '{}' }));
      await store.do('accept', { path: '/a', now: 1, events });
      const found = await store.do('load', { seqs: await waiting() });
      expect(found.slice(1).map(({ id }) => id)).toEqual(ids.slice(1));
      for (const { seq } of found) expect(await new Transaction(store, 'one').commit(seq)).toBe('done');
      expect(await waiting()).toEqual([]);
    });

    it('forgets the oldest ids beyond the number that it remembers', async () => {
      for (const [index, id] of ['e1', 'e2', 'e3'].entries()) {
        await store.do('accept', { path: '/a', now: 1 + index, events: [{ id, key: undefined, data: '{}' }] });
      }
      await store.do('purge', { now: 0, before: 0, remembered: 2 });
      expect(await accept('e1', 'e2', 'e3')).toEqual([4, null, null]);
    });

    it('removes the events that are dropped', async () => {
      await accept('e1', 'e2', 'e3');
      await store.do('drop', { seqs: [1, 3] });
      expect([await waiting(), await store.do('load', { seqs: [1, 2, 3] })]).toMatchObject([[2], [{ id: 'e2' }]]);
    });

    it('counts attempts that failed, and keeps the event', async () => {
      await accept('e1');
      await store.do('fail', { seq: 1, attempts: 2, parked: false });
      expect(await store.do('waiting', {})).toMatchObject([{ seq: 1, attempts: 2 }]);
      expect(await store.do('unpark', { until: Date.now() + 1000, most: 10 })).toEqual([]);
    });

    it('parks events, returns them, and drops them when they are too old', async () => {
      await accept('e1', 'e2');
      await store.do('fail', { seq: 1, attempts: 5, parked: true });
      expect(await waiting()).toEqual([2]);
      expect(await store.do('unpark', { until: Date.now(), most: 10 })).toMatchObject([{ seq: 1, attempts: 0 }]);
      expect(await waiting()).toEqual([1, 2]);
      await store.do('fail', { seq: 1, attempts: 5, parked: true });
      expect(await store.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10 })).toEqual(['/a']);
      expect(await store.do('unpark', { until: Date.now(), most: 10 })).toEqual([]);
    });
  });
});

describe('a change of a record', () => {
  /** A store whose commits fail until the given attempt, and what it is asked. */
  function store(worksAt: number) {
    const committed: unknown[] = [];
    let reads = 0;
    const answer = async (kind: string, input: unknown): Promise<unknown> => {
      if (kind === 'read') return { value: '1', version: ++reads };
      committed.push(input);
      return committed.length === worksAt ? 'done' : 'conflict';
    };
    const fake: StateStore = { lease: undefined, do: answer as StateStore['do'], close: async () => undefined };
    return { records: new Records(fake, 'one'), committed };
  }

  it('is tried 100 times', async () => {
    const [works, fails] = [store(100), store(101)];
    const add = (value: number | undefined) => ({ value: (value ?? 0) + 1, ...HOUR });
    expect(await works.records.update('a', add)).toBe(2);
    await expect(fails.records.update('a', add)).rejects.toMatchObject({
      code: 'ESP_STATE_CONFLICT',
      message: 'a record changed during 100 attempts to update it',
    });
    expect([works.committed.length, fails.committed.length]).toEqual([100, 100]);
    expect(works.committed.at(-1)).toMatchObject({ owner: 'one', seq: undefined, reads: [['a', 100]] });
  });

  it.each([
    [1000, NOW + 1000],
    [0.5, NOW + 1],
    [Number.MAX_VALUE, 8.64e15],
  ])('that is kept for %d ms expires at a whole millisecond, the largest date at most', async (keepMs, expiresAt) => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW);
    const { records, committed } = store(1);
    await records.put('a', [1], { keepMs, keys: ['k', 'l', 'k'] });
    jest.restoreAllMocks();
    const writes = [{ id: 'a', value: '[1]', expiresAt, keys: ['k', 'l'] }];
    expect(committed).toEqual([{ owner: 'one', seq: undefined, reads: [], writes }]);
  });

  it('that is refused says what a record needs', async () => {
    const { records, committed } = store(1);
    await expect(records.put('a', 1, { keepMs: Number.NaN })).rejects.toMatchObject({
      name: 'StateError',
      code: 'ESP_STATE_INVALID_RECORD',
      message:
        'a record needs an id of up to 512 characters, JSON of up to 262144, keepMs above 0, ' +
        'and up to 16 keys of 1 to 512 characters',
    });
    expect(committed).toEqual([]);
  });
});
