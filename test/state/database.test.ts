import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from '@jest/globals';
import { Database } from '../../src/state/database.js';
import type { Operation } from '../../src/state/operations.js';
import { folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

const NOW = Date.now();
const HOUR_MS = 3_600_000;

const write = (id: string, value: string, keys: readonly string[] = [], expiresAt = NOW + HOUR_MS): Operation => ({
  kind: 'commit',
  input: {
    owner: 'one',
    seq: undefined,
    reads: [],
    writes: [{ id, value: JSON.stringify(value), expiresAt, keys: [...keys] }],
  },
});
const read = (id: string): Operation => ({ kind: 'read', input: { owner: 'one', id, now: NOW } });

it('leaves the warnings of the process as they are', () => {
  const { emitWarning } = process;
  new Database(':memory:').close();
  expect(process.emitWarning).toBe(emitWarning);
});

it('of a later version is not opened', () => {
  const path = join(folder(), 'state.db');
  const later = new DatabaseSync(path);
  later.exec('pragma user_version = 3');
  later.close();
  expect(() => new Database(path)).toThrow('it has version 3, and this host reads version 2');
});

it('takes events with the same id on two paths, or with two ids on one, for different', () => {
  const database = new Database(':memory:');
  const accept = (path: string, ids: readonly string[]): Operation => ({
    kind: 'accept',
    input: { path, now: NOW, events: ids.map((id) => ({ id, key: undefined, data: '1' })) },
  });
  expect(database.run([accept('/a', ['e', 'f', 'e']), accept('/b', ['e'])])).toEqual([[1, 2, null], [3]]);
  const fail = (seq: number, parked: boolean): Operation => ({ kind: 'fail', input: { seq, attempts: 2, parked } });
  expect(database.run([fail(1, false), fail(2, true), { kind: 'waiting', input: {} }])[2]).toMatchObject([
    { seq: 1, attempts: 2 },
    { seq: 3, attempts: 0 },
  ]);
  database.close();
});

it('runs nothing once it is closed', () => {
  const database = new Database(':memory:');
  database.close();
  expect(() => database.run([])).toThrow('database is not open');
});

it('keeps what it has when it is opened again', () => {
  const path = join(folder(), 'state.db');
  for (const [opened, before] of [null, '"a"', '"a"'].entries()) {
    const database = new Database(path);
    expect(database.run([read('r')])).toEqual([{ value: before, version: opened }]);
    expect(database.run([write('r', 'a')])).toEqual(['done']);
    database.close();
  }
  const plain = new DatabaseSync(path);
  expect(plain.prepare('pragma user_version').get()).toEqual({ user_version: 2 });
  plain.close();
});

it('reads without waiting for the transaction of another process, which sees all or nothing of a batch', () => {
  const path = join(folder(), 'state.db');
  const database = new Database(path);
  database.run([
    write('r', 'a', ['k']),
    { kind: 'accept', input: { path: '/a', now: NOW, events: [{ id: 'e', key: 'k', data: '1' }] } },
  ]);
  const other = new DatabaseSync(path);
  other.exec('begin immediate');
  new Database(path).close();
  expect(
    database.run([
      read('r'),
      { kind: 'waiting', input: {} },
      { kind: 'load', input: { seqs: [1] } },
      { kind: 'find', input: { owner: 'one', key: 'k', now: NOW, limit: 10, before: 100 } },
      { kind: 'keyed', input: { owner: 'one', key: 'k' } },
    ]),
  ).toEqual([
    { value: '"a"', version: 1 },
    [{ seq: 1, path: '/a', key: 'k', receivedAt: NOW, attempts: 0 }],
    [{ seq: 1, id: 'e', data: '1' }],
    [{ id: 'r', value: '"a"', seq: 1 }],
    ['r'],
  ]);
  other.exec('rollback');
  other.close();
  const refused = write('s', 'b', [], NOW + 0.5);
  expect(() => database.run([write('r', 'b'), refused])).toThrow();
  expect(database.run([read('r')])).toEqual([{ value: '"a"', version: 1 }]);
  database.close();
});

it.each([0, 1])('leaves nothing of %i erased records in its files, though another process has them open', (erased) => {
  const path = join(folder(), 'state.db');
  const database = new Database(path);
  const other = new DatabaseSync(path);
  other.exec('select * from records');
  database.run([write('r', 'of a person', ['k'])]);
  const key = erased === 1 ? 'k' : 'other';
  expect(database.run([{ kind: 'forget', input: { owner: 'one', key } }])).toEqual([erased]);
  database.close();
  const files = [path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file, 'latin1'));
  expect(files.some((text) => text.includes('of a person'))).toBe(erased === 0);
  other.close();
});
