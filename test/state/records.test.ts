import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Records, type State, StateError, StateFile, Transaction } from '../../src/state/index.js';
import { folder, removeFolders } from '../support/files.js';

const HOUR = { keepMs: 3_600_000 };

let file: StateFile;
beforeEach(() => {
  file = StateFile.inMemory();
});
afterEach(() => file.close());
afterAll(removeFolders);

const accept = (...ids: string[]) =>
  file.do('accept', { path: '/a', now: Date.now(), events: ids.map((id) => ({ id, key: undefined, data: '{}' })) });
const waiting = async () => (await file.do('waiting', {})).map(({ seq }) => seq);

describe('records', () => {
  it('belong to one plugin', async () => {
    const [one, other] = [new Records(file, 'one'), new Records(file, 'other')];
    await one.put('a', { b: [1] }, HOUR);
    expect([await one.get('a'), await other.get('a')]).toEqual([{ b: [1] }, undefined]);
    await other.delete('a');
    expect(await one.get('a')).toEqual({ b: [1] });
    await one.delete('a');
    expect(await one.get('a')).toBeUndefined();
  });

  it('expire', async () => {
    const records = new Records(file, 'one');
    await records.put('a', 1, { keepMs: 1e-9 });
    await records.put('b', 2, HOUR);
    expect([await records.get('a'), await records.get('b')]).toEqual([undefined, 2]);
    await file.do('purge', { now: Date.now() + 1, before: 0, remembered: 10 });
    expect((await file.do('read', { owner: 'one', id: 'a', now: 0 })).version).toBe(0);
  });

  it.each([
    ['a long id', 'a'.repeat(513), 1, 1],
    ['a long value', 'a', 'b'.repeat(262_144), 1],
    ['no JSON', 'a', undefined, 1],
    ['no time to keep it', 'a', 1, 0],
  ])('with %s are refused', async (_what, id, value, keepMs) => {
    const refused = await new Records(file, 'one').put(id, value, { keepMs }).catch((error) => error);
    expect(refused).toBeInstanceOf(StateError);
    expect(refused.code).toBe('ESP_STATE_INVALID_RECORD');
  });
});

describe('an id that is no string, or too long,', () => {
  const ids = [undefined, 5, { toString: () => 'a' }, 'a'.repeat(513)] as readonly unknown[] as readonly string[];
  const uses: [string, (state: State, id: string) => Promise<unknown>][] = [
    ['get', (state, id) => state.get(id)],
    ['put', (state, id) => state.put(id, 1, HOUR)],
    ['delete', (state, id) => state.delete(id)],
  ];
  it.each(uses)('is refused by %s, and nothing else of the batch is', async (_name, use) => {
    for (const id of ids) {
      for (const records of [new Records(file, 'one'), new Transaction(file, 'one')]) {
        const [refused, accepted] = await Promise.allSettled([use(records, id), accept(`${Math.random()}`)]);
        expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ESP_STATE_INVALID_RECORD' } });
        expect(accepted.status).toBe('fulfilled');
      }
    }
  });
});

describe('a transaction', () => {
  it('sees its own changes; others see them when the event ends', async () => {
    const records = new Records(file, 'one');
    const [seq = null] = await accept('e1');
    const transaction = new Transaction(file, 'one');
    await transaction.put('a', 1, HOUR);
    expect([await transaction.get('a'), await records.get('a')]).toEqual([1, undefined]);
    expect(await transaction.commit(seq ?? 0)).toBe('done');
    expect([await records.get('a'), await waiting()]).toEqual([1, []]);
  });

  it('that read a record which has changed writes nothing', async () => {
    const records = new Records(file, 'one');
    const [seq = null] = await accept('e1');
    for (const change of [
      () => records.put('a', 1, HOUR),
      () => records.put('a', 1, HOUR),
      () => records.delete('a'),
    ]) {
      const transaction = new Transaction(file, 'one');
      await transaction.get('a');
      await transaction.put('b', 1, HOUR);
      await change();
      expect(await transaction.commit(seq ?? 0)).toBe('conflict');
    }
    expect([await records.get('b'), await waiting()]).toEqual([undefined, [seq]]);
  });

  it('of an event that has ended writes nothing', async () => {
    const [seq = null] = await accept('e1');
    expect(await new Transaction(file, 'one').commit(seq ?? 0)).toBe('done');
    const late = new Transaction(file, 'one');
    await late.put('a', 1, HOUR);
    expect(await late.commit(seq ?? 0)).toBe('gone');
    expect(await new Records(file, 'one').get('a')).toBeUndefined();
  });
});

describe('the inbox', () => {
  it('drops duplicates until they are forgotten', async () => {
    expect(await accept('e1', 'e2', 'e1')).toEqual([1, 2, null]);
    await file.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10 });
    expect(await accept('e1')).toEqual([3]);
  });

  it('forgets the oldest ids beyond the number that it remembers', async () => {
    await accept('e1', 'e2', 'e3');
    await file.do('purge', { now: 0, before: 0, remembered: 2 });
    expect(await accept('e1', 'e2', 'e3')).toEqual([4, null, null]);
  });

  it('parks events, returns them, and drops them when they are too old', async () => {
    await accept('e1', 'e2');
    await file.do('fail', { seq: 1, attempts: 5, parked: true });
    expect(await waiting()).toEqual([2]);
    expect(await file.do('unpark', {})).toMatchObject([{ seq: 1, attempts: 0 }]);
    expect(await waiting()).toEqual([1, 2]);
    await file.do('fail', { seq: 1, attempts: 5, parked: true });
    expect(await file.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10 })).toBe(1);
    expect(await file.do('unpark', {})).toEqual([]);
  });
});

describe('a state file', () => {
  it('keeps its changes until it is closed', async () => {
    const path = join(folder(), 'new/state.db');
    const one = await StateFile.open(path);
    const done = new Records(one, 'one').put('a', 1, HOUR);
    await one.close();
    await done;
    await expect(one.do('waiting', {})).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
    const again = await StateFile.open(path);
    expect(await new Records(again, 'one').get('a')).toBe(1);
    await again.close();
  });

  it('of another host, another program or a later version cannot be used', async () => {
    const path = join(folder(), 'state.db');
    const one = await StateFile.open(path);
    await expect(StateFile.open(path)).rejects.toMatchObject({
      code: 'ESP_STATE_UNUSABLE',
      message: `${path} cannot be used: another host uses it`,
    });
    await one.close();
    const database = new DatabaseSync(path);
    database.exec('pragma user_version = 99');
    database.close();
    await expect(StateFile.open(path)).rejects.toThrow(/it has version 99, and this host reads version 1/);
    await expect(StateFile.open('/dev/null/state.db')).rejects.toMatchObject({ code: 'ESP_STATE_UNUSABLE' });
  });

  it('rolls back a batch that fails', async () => {
    const records = new Records(file, 'one');
    const good = records.put('a', 1, HOUR);
    const bad = file.do('fail', { seq: {} as number, attempts: 1, parked: false });
    await expect(good).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
    await expect(bad).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
    expect(await records.get('a')).toBeUndefined();
  });
});
