import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Records, type State, StateError, StateFile, Transaction } from '../../src/state/index.js';
import { folder, ROOT, removeFolders } from '../support/files.js';

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
    ['an empty key', 'a', 1, 1, ['']],
    ['a long key', 'a', 1, 1, ['k'.repeat(513)]],
    ['too many keys', 'a', 1, 1, Array.from({ length: 17 }, (_, index) => `k${index}`)],
  ])('with %s are refused', async (_what, id, value, keepMs, keys: string[] = []) => {
    const refused = await new Records(file, 'one').put(id, value, { keepMs, keys }).catch((error) => error);
    expect(refused).toBeInstanceOf(StateError);
    expect(refused.code).toBe('ESP_STATE_INVALID_RECORD');
  });
});

it('records may be kept for a fraction of a millisecond, without harm to what is written with them', async () => {
  const records = new Records(file, 'one');
  await Promise.all([records.put('a', 1, { keepMs: 86_400_000 / 7 }), records.put('b', 2, HOUR), accept('1')]);
  expect([await records.get('a'), await records.get('b'), (await waiting()).length]).toEqual([1, 2, 1]);
});

it('keys that are the same in the file are one key', async () => {
  const records = new Records(file, 'one');
  await records.put('a', 1, { ...HOUR, keys: ['k\ud800', 'k\ud801'] });
  expect(await records.find('k\ufffd')).toMatchObject([{ id: 'a' }]);
});

it('only the user of the host may read its files', async () => {
  const path = join(folder(), 'state.db');
  const state = await StateFile.open(path);
  await new Records(state, 'one').put('a', 1, HOUR);
  for (const end of ['', '-wal', '-shm']) expect(statSync(`${path}${end}`).mode & 0o777).toBe(0o600);
  await state.close();
});

it('a purge is short, whatever there is to forget', async () => {
  const ids = Array.from({ length: 4000 }, (_, index) => `e${index}`);
  for (const seq of await accept(...ids)) await file.do('fail', { seq: seq ?? 0, attempts: 1, parked: true });
  const purge = () => file.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10_000 });
  expect((await purge()).length).toBe(3000);
  expect((await accept(...ids)).filter((seq) => seq !== null).length).toBe(3000);
  expect((await purge()).length).toBe(1000);
});

describe('an id that is no string, or too long,', () => {
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
      for (const records of [new Records(file, 'one'), new Transaction(file, 'one')]) {
        const [refused, accepted] = await Promise.allSettled([use(records, id), accept(`${Math.random()}`)]);
        expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ESP_STATE_INVALID_RECORD' } });
        expect(accepted.status).toBe('fulfilled');
      }
    }
  });
});

describe('the keys of records', () => {
  const idsOf = async (state: State, key: string) => (await state.find(key)).map(({ id }) => id);

  it('find the records of one plugin, newest first, page by page', async () => {
    const records = new Records(file, 'one');
    await records.put('b', 1, { ...HOUR, keys: ['k', 'k', 'other'] });
    await records.put('a', 2, { ...HOUR, keys: ['k'] });
    await records.put('c', 3, { ...HOUR, keys: ['k'] });
    await new Records(file, 'other').put('d', 4, { ...HOUR, keys: ['k'] });
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
    const records = new Records(file, 'one');
    await records.put('a', 1, { ...HOUR, keys: ['k'] });
    await records.put('b', 1, { keepMs: 1e-9, keys: ['k'] });
    await records.put('c', 1, { ...HOUR, keys: ['k'] });
    expect(await idsOf(records, 'k')).toEqual(['c', 'a']);
    await records.delete('a');
    await file.do('purge', { now: Date.now() + 1, before: 0, remembered: 10 });
    expect(await file.do('keyed', { owner: 'one', key: 'k' })).toEqual(['c']);
    await records.put('b', 2, { ...HOUR, keys: ['k'] });
    expect(await idsOf(records, 'k')).toEqual(['b', 'c']);
  });

  it('make a record that has expired, and is put again, the newest', async () => {
    const records = new Records(file, 'one');
    await records.put('a', 1, { keepMs: 1e-9, keys: ['k'] });
    await records.put('b', 1, { ...HOUR, keys: ['k'] });
    await records.put('a', 2, { ...HOUR, keys: ['k'] });
    expect(await idsOf(records, 'k')).toEqual(['a', 'b']);
  });

  it('erase all records of a person', async () => {
    const records = new Records(file, 'one');
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
    const records = new Records(file, 'one');
    await records.put('a', 1, { ...HOUR, keys: ['k'] });
    await records.put('b', 1, { ...HOUR, keys: ['k'] });
    const [seq = null] = await accept('e1');
    const transaction = new Transaction(file, 'one');
    await transaction.put('c', 1, { ...HOUR, keys: ['k'] });
    await transaction.put('b', 1, HOUR);
    expect(await idsOf(transaction, 'k')).toEqual(['b', 'a']);
    expect(await transaction.forget('k')).toBe(2);
    expect(await idsOf(records, 'k')).toEqual(['b', 'a']);
    expect(await transaction.commit(seq ?? 0)).toBe('done');
    expect([await records.get('a'), await records.get('b'), await records.get('c')]).toEqual([undefined, 1, undefined]);
  });
});

describe('update', () => {
  const add = (value: number | undefined) => ({ value: (value ?? 0) + 1, ...HOUR });

  it('changes the value that a record has now', async () => {
    const records = new Records(file, 'one');
    expect(await Promise.all(Array.from({ length: 20 }, () => records.update('a', add)))).toHaveLength(20);
    expect(await records.get('a')).toBe(20);
    expect(await records.update('a', () => undefined)).toBe(20);
    expect(await records.update('b', () => undefined)).toBeUndefined();
  });

  it('does not bring back a record that was erased meanwhile', async () => {
    const records = new Records(file, 'one');
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
    const records = new Records(file, 'one');
    const updated = records.update<number>('a', (value) => {
      void records.put('a', 1, HOUR);
      return add(value);
    });
    await expect(updated).rejects.toMatchObject({ code: 'ESP_STATE_CONFLICT' });
  });

  it('is part of a transaction', async () => {
    const records = new Records(file, 'one');
    const [seq = null] = await accept('e1');
    const transaction = new Transaction(file, 'one');
    expect([await transaction.update('a', add), await transaction.update('a', add)]).toEqual([1, 2]);
    await records.put('a', 7, HOUR);
    expect(await transaction.commit(seq ?? 0)).toBe('conflict');
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

  it('that read a record which was deleted and put again writes nothing', async () => {
    const records = new Records(file, 'one');
    await records.put('a', 1, HOUR);
    const [seq = null] = await accept('e1');
    const transaction = new Transaction(file, 'one');
    await transaction.update('a', () => ({ value: 2, ...HOUR }));
    await records.delete('a');
    await records.put('a', 3, HOUR);
    expect(await transaction.commit(seq ?? 0)).toBe('conflict');
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
    expect(await file.do('unpark', { until: Date.now(), most: 10 })).toMatchObject([{ seq: 1, attempts: 0 }]);
    expect(await waiting()).toEqual([1, 2]);
    await file.do('fail', { seq: 1, attempts: 5, parked: true });
    expect(await file.do('purge', { now: 0, before: Date.now() + 1000, remembered: 10 })).toEqual(['/a']);
    expect(await file.do('unpark', { until: Date.now(), most: 10 })).toEqual([]);
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
    writeFileSync(`${path}.lock`, 'not a database '.repeat(100));
    await expect(StateFile.open(path)).rejects.toThrow(/file is not a database/);
    rmSync(`${path}.lock`);
    const database = new DatabaseSync(path);
    database.exec('pragma user_version = 99');
    database.close();
    await expect(StateFile.open(path)).rejects.toThrow(/it has version 99, and this host reads version 2/);
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

/** Runs a module in another process, which imports the database of this source. */
async function elsewhere(code: string): Promise<string> {
  const source = JSON.stringify(pathToFileURL(join(ROOT, 'src/state/database.ts')).href);
  const words = ['--no-warnings', '--input-type=module', '-e', `import { Database } from ${source};\n${code}`];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return stdout;
}

/** More would keep the other process from changing the same record. */
const HOST_UPDATES = 200;

describe('a command beside a host', () => {
  it('reads and changes the same file, and neither loses a change of the other', async () => {
    const path = join(folder(), 'state.db');
    const host = await StateFile.open(path);
    const records = new Records(host, 'one');
    await records.put('a', 0, { ...HOUR, keys: ['k'] });
    const other = elsewhere(`
      const database = new Database(${JSON.stringify(path)});
      for (let done = 0; done < 100; ) {
        const [{ value, version }] = database.run([{ kind: 'read', input: { owner: 'one', id: 'a', now: 0 } }]);
        const write = { id: 'a', value: String(Number(value) + 1), expiresAt: 1e15, keys: ['k'] };
        const [result] = database.run([{ kind: 'commit', input: { owner: 'one', reads: [['a', version]], writes: [write] } }]);
        if (result === 'done') done++;
      }
      database.close();
      console.log('done');`);
    const add = (value: number | undefined) => ({ value: (value ?? 0) + 1, ...HOUR, keys: ['k'] });
    for (let updates = 0; updates < HOST_UPDATES; updates++) await records.update('a', add);
    expect(await other).toBe('done\n');
    expect(await records.find('k')).toMatchObject([{ id: 'a', value: 100 + HOST_UPDATES }]);
    await host.close();
  });

  it('erases what a transaction of the host then leaves erased', async () => {
    const path = join(folder(), 'state.db');
    const host = await StateFile.open(path);
    const command = await StateFile.open(path, { isShared: true });
    await new Records(host, 'one').put('a', 1, { ...HOUR, keys: ['k'] });
    const events = [{ id: 'e1', key: undefined, data: '{}' }];
    const [seq] = await host.do('accept', { path: '/a', now: Date.now(), events });
    const transaction = new Transaction(host, 'one');
    await transaction.update('a', () => ({ value: 2, ...HOUR }));
    expect(await new Records(command, 'one').forget('k')).toBe(1);
    expect(await transaction.commit(seq ?? 0)).toBe('conflict');
    await Promise.all([command.close(), host.close()]);
  });

  it('leaves nothing of what it erases in the files, also while the host keeps them open', async () => {
    const path = join(folder(), 'state.db');
    const host = await StateFile.open(path);
    await new Records(host, 'one').put('a', 'of a person', { ...HOUR, keys: ['+16315551002'] });
    const text = () => `${readFileSync(path, 'latin1')}${readFileSync(`${path}-wal`, 'latin1')}`;
    expect(text()).toMatch(/of a person.*\+16315551002|\+16315551002.*of a person/s);
    const command = await StateFile.open(path, { isShared: true });
    expect(await new Records(command, 'one').forget('+16315551002')).toBe(1);
    await command.close();
    expect(text()).not.toMatch(/of a person|\+16315551002/);
    await host.close();
  });

  it('creates and migrates the file only if no host uses it', async () => {
    const path = versionOne();
    const host = new DatabaseSync(`${path}.lock`);
    host.exec('begin exclusive');
    await expect(StateFile.open(path, { isShared: true })).rejects.toMatchObject({
      code: 'ESP_STATE_UNUSABLE',
      message: `${path} cannot be used: a host of another version uses it`,
    });
    host.close();
    const command = await StateFile.open(path, { isShared: true });
    // It gives the lock back.
    const next = await StateFile.open(path);
    expect(await new Records(command, 'one').get('a')).toBe(1);
    await Promise.all([command.close(), next.close()]);
  });
});

/** A file of version 1: two records, and an event that waits. */
function versionOne(): string {
  const path = join(folder(), 'state.db');
  const database = new DatabaseSync(path);
  database.exec(`
    pragma journal_mode = wal;
    create table inbox (
      seq integer primary key autoincrement, path text not null, id text not null, key text, data text not null,
      received_at integer not null, attempts integer not null default 0, parked_at integer
    ) strict;
    create index inbox_parked on inbox (parked_at) where parked_at is not null;
    create table seen (seq integer primary key autoincrement, hash blob not null unique, at integer not null) strict;
    create table records (
      owner text not null, id text not null, value text not null, version integer not null, expires_at integer not null,
      primary key (owner, id)
    ) strict, without rowid;
    create index records_expire on records (expires_at);
    pragma user_version = 1;
    insert into records values ('one', 'a', '1', 7, ${1e15}), ('one', 'b', '2', 9, ${1e15});
    insert into inbox (path, id, data, received_at) values ('/a', 'e1', '{}', 1);`);
  database.close();
  return path;
}

describe('a state file of version 1', () => {
  it('is migrated with all that it holds', async () => {
    const state = await StateFile.open(versionOne());
    const records = new Records(state, 'one');
    expect([await records.get('a'), await records.get('b')]).toEqual([1, 2]);
    expect(await state.do('waiting', {})).toMatchObject([{ seq: 1, path: '/a' }]);
    await records.put('c', 3, { ...HOUR, keys: ['k'] });
    await records.put('a', 1, { ...HOUR, keys: ['k'] });
    expect(await records.find('k')).toMatchObject([
      { id: 'c', seq: 10 },
      { id: 'a', seq: 7 },
    ]);
    await state.close();
  });
});
