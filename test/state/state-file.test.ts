import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Records, StateFile, Transaction } from '../../src/state/index.js';
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
    await expect(bad).rejects.toMatchObject({
      code: 'ESP_STATE_FAILED',
      message: expect.stringMatching(/^:memory:: /),
    });
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
