/**
 * The database behind the state file. It runs in a worker thread, as each commit waits for the disk. Node starts this file
 * as it is: it must not import other sources, except for types.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { FoundRow, Operation, Operations, RecordWrite, StoredEvent, WaitingEvent } from './operations.js';

/**
 * What makes each version of the tables from the one before. `record_keys.seq` repeats `records.seq`, so that the newest
 * records of a key come first without sorting.
 */
const MIGRATIONS = [
  `create table inbox (
    seq integer primary key autoincrement, path text not null, id text not null, key text, data text not null,
    received_at integer not null, attempts integer not null default 0, parked_at integer
  ) strict;
  create index inbox_parked on inbox (parked_at) where parked_at is not null;
  create table seen (seq integer primary key autoincrement, hash blob not null unique, at integer not null) strict;
  create table records (
    owner text not null, id text not null, value text not null, version integer not null, expires_at integer not null,
    primary key (owner, id)
  ) strict, without rowid;
  create index records_expire on records (expires_at);`,
  `alter table records add column seq integer not null default 0;
  update records set seq = version;
  create table record_keys (
    owner text not null, key text not null, seq integer not null, id text not null,
    primary key (owner, key, seq, id),
    foreign key (owner, id) references records (owner, id) on delete cascade
  ) strict, without rowid;
  create index record_keys_of on record_keys (owner, id);
  create table last_version (version integer not null) strict;
  insert into last_version select coalesce(max(version), 0) from records;`,
];

/** The version of the tables. */
const VERSION = MIGRATIONS.length;

/** How long a process waits for the transaction of another. */
const BUSY_MS = 5000;

/** SQLite's result code for a file that another process has locked. */
const SQLITE_BUSY = 5;

/** Rows that one purge removes from a table at most: others wait meanwhile. */
const PURGED = 3000;

const READ_ONLY: readonly Operation['kind'][] = ['waiting', 'load', 'read', 'find', 'keyed'];

/** The columns of a WaitingEvent. */
const WAITING = 'seq, path, key, received_at as receivedAt, attempts';

const SQL = {
  remember: 'insert into seen (hash, at) values (?, ?) on conflict do nothing',
  accept: 'insert into inbox (path, id, key, data, received_at) values (?, ?, ?, ?, ?)',
  waiting: `select ${WAITING} from inbox where parked_at is null order by seq`,
  unpark: `update inbox set parked_at = null, attempts = 0 where seq in (
    select seq from inbox where parked_at <= ? order by parked_at, seq limit ?) returning ${WAITING}`,
  load: 'select seq, id, data from inbox where seq = ?',
  fail: 'update inbox set attempts = ?, parked_at = ? where seq = ?',
  finish: 'delete from inbox where seq = ?',
  read: 'select value, version, expires_at as expiresAt from records where owner = ? and id = ?',
  // A record that has expired, but was not yet purged, gives way to a new one.
  write: `insert into records (owner, id, value, version, expires_at, seq) values (?1, ?2, ?3, ?4, ?5, ?4)
    on conflict do update set value = excluded.value, version = excluded.version, expires_at = excluded.expires_at,
      seq = iif(expires_at > ?6, seq, excluded.seq)
    returning seq`,
  remove: 'delete from records where owner = ? and id = ?',
  unkey: 'delete from record_keys where owner = ? and id = ?',
  key: 'insert into record_keys (owner, key, seq, id) values (?, ?, ?, ?)',
  find: `select id, value, seq from record_keys join records using (owner, id, seq)
    where owner = ? and key = ? and seq < ? and expires_at > ? order by seq desc limit ?`,
  keyed: 'select id from record_keys where owner = ? and key = ?',
  forgetKey: `delete from records where owner = ?1 and id in (
    select id from record_keys where owner = ?1 and key = ?2)`,
  // Two processes may write: the host, and a command beside it.
  nextVersion: 'update last_version set version = version + 1 returning version',
  dropParked: `delete from inbox where seq in (
    select seq from inbox where parked_at < ? order by parked_at limit ${PURGED}) returning path`,
  forget: `delete from seen where seq in (
    select seq from (select seq, at from seen order by seq limit ${PURGED})
    where at < ? or seq <= (select max(seq) from seen) - ?)`,
  expire: `delete from records where (owner, id) in (
    select owner, id from records where expires_at < ? order by expires_at limit ${PURGED})`,
};

/** Runs operations in transactions. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Whether records were erased, which the log of SQLite still has. */
  #erased = false;

  /** @throws Error */
  constructor(file: string) {
    const { DatabaseSync } = sqlite();
    this.#database = new DatabaseSync(file);
    this.#database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal; pragma synchronous = full;
      pragma secure_delete = on; pragma foreign_keys = on`);
    this.#migrate();
  }

  /** Runs all or none of them, in one transaction. @throws Error */
  run(operations: readonly Operation[]): unknown[] {
    this.#database.exec(operations.every(({ kind }) => READ_ONLY.includes(kind)) ? 'begin' : 'begin immediate');
    try {
      const results = operations.map((operation) => this.#run(operation));
      this.#database.exec('commit');
      return results;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('rollback');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  /** Empties the log if records were erased: another process may keep it for long. */
  close(): void {
    if (this.#erased) this.#database.exec('pragma wal_checkpoint(truncate)');
    this.#database.close();
  }

  #migrate(): void {
    const version = versionOf(this.#database);
    if (version > VERSION) throw new Error(`it has version ${version}, and this host reads version ${VERSION}`);
    const changes = MIGRATIONS.slice(version);
    if (changes.length === 0) return;
    this.#database.exec(`begin immediate; ${changes.join('')} pragma user_version = ${VERSION}; commit`);
  }

  #run(operation: Operation): Operations[keyof Operations]['result'] {
    switch (operation.kind) {
      case 'accept':
        return this.#accept(operation.input);
      case 'waiting':
        return this.#rows<WaitingEvent>(SQL.waiting);
      case 'unpark':
        return this.#rows<WaitingEvent>(SQL.unpark, operation.input.until, operation.input.most);
      case 'load':
        return operation.input.seqs.flatMap((seq) => this.#rows<StoredEvent>(SQL.load, seq));
      case 'fail': {
        const { seq, attempts, parked } = operation.input;
        this.#prepared(SQL.fail).run(attempts, parked ? Date.now() : null, seq);
        return undefined;
      }
      case 'read':
        return this.#read(operation.input.owner, operation.input.id, operation.input.now);
      case 'find': {
        const { owner, key, now, limit, before } = operation.input;
        return this.#rows<FoundRow>(SQL.find, owner, key, before, now, limit);
      }
      case 'keyed':
        return this.#rows<{ id: string }>(SQL.keyed, operation.input.owner, operation.input.key).map(({ id }) => id);
      case 'forget':
        return this.#forget(operation.input);
      case 'commit':
        return this.#commit(operation.input);
      case 'drop':
        for (const seq of operation.input.seqs) this.#prepared(SQL.finish).run(seq);
        return undefined;
      case 'purge':
        return this.#purge(operation.input);
    }
  }

  #accept({ path, now, events }: Operations['accept']['input']): (number | null)[] {
    return events.map(({ id, key, data }) => {
      const hash = createHash('sha256').update(`${path}\n${id}`).digest().subarray(0, 16);
      if (Number(this.#prepared(SQL.remember).run(hash, now).changes) === 0) return null;
      return Number(this.#prepared(SQL.accept).run(path, id, key ?? null, data, now).lastInsertRowid);
    });
  }

  /** A record that does not exist, or has expired, has version 0. */
  #read(owner: string, id: string, now: number): Operations['read']['result'] {
    const [found] = this.#rows<{ value: string; version: number; expiresAt: number }>(SQL.read, owner, id);
    if (found === undefined) return { value: null, version: 0 };
    return { value: found.expiresAt > now ? found.value : null, version: found.version };
  }

  #commit({ owner, seq, reads, writes }: Operations['commit']['input']): Operations['commit']['result'] {
    if (reads.some(([id, version]) => this.#read(owner, id, 0).version !== version)) return 'conflict';
    if (seq !== undefined && Number(this.#prepared(SQL.finish).run(seq).changes) === 0) return 'gone';
    for (const write of writes) this.#write(owner, write);
    return 'done';
  }

  #write(owner: string, { id, value, expiresAt, keys }: RecordWrite): void {
    if (value === null) {
      this.#prepared(SQL.remove).run(owner, id);
      return;
    }
    const version = Number(this.#prepared(SQL.nextVersion).get()?.version);
    this.#prepared(SQL.unkey).run(owner, id);
    const written = this.#prepared(SQL.write).get(owner, id, value, version, expiresAt, Date.now());
    for (const key of keys) this.#prepared(SQL.key).run(owner, key, Number(written?.seq), id);
  }

  #forget({ owner, key }: Operations['forget']['input']): number {
    const records = Number(this.#prepared(SQL.forgetKey).run(owner, key).changes);
    this.#erased ||= records > 0;
    return records;
  }

  #purge({ now, before, remembered }: Operations['purge']['input']): string[] {
    this.#prepared(SQL.forget).run(before, remembered);
    this.#prepared(SQL.expire).run(now);
    return this.#rows<{ path: string }>(SQL.dropParked, before).map(({ path }) => path);
  }

  #rows<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepared(sql).all(...values) as T[];
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.user_version);
}

/** Before Node 24.15 it warns that it is experimental. The operator of a host can do nothing about it. */
function sqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The first message of the worker, and its reply to each batch. */
export type Reply = { readonly results: readonly unknown[] } | { readonly error: string };

const reply = (work: () => unknown[]): void => {
  let sent: Reply;
  try {
    sent = { results: work() };
  } catch (error) {
    sent = { error: (error as Error).message };
  }
  parentPort?.postMessage(sent);
};

/** In the worker: opens the file, and runs batches. */
function serve(file: string, isShared: boolean): void {
  const opened = open(file, isShared);
  if (opened === undefined) return;
  const { database, lock } = opened;
  parentPort?.on('message', (batch: readonly Operation[] | undefined) => {
    if (batch !== undefined) {
      reply(() => database.run(batch));
      return;
    }
    database.close();
    lock?.close();
    process.exit();
  });
}

interface Opened {
  readonly database: Database;
  readonly lock: DatabaseSync | undefined;
}

function open(file: string, isShared: boolean): Opened | undefined {
  let opened: Opened | undefined;
  reply(() => {
    // No host may use the file while its tables are made or migrated.
    const lock = isShared && hasTables(file) ? undefined : lockOf(file, isShared);
    const database = new Database(file);
    if (isShared) lock?.close();
    opened = { database, lock: isShared ? undefined : lock };
    return [];
  });
  return opened;
}

/** Another file beside it, whose lock says that a host uses it. @throws Error if another process has it */
function lockOf(file: string, isShared: boolean): DatabaseSync {
  const { DatabaseSync } = sqlite();
  const lock = new DatabaseSync(`${file}.lock`);
  try {
    // SQLite releases it when the process ends, however it ends.
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error(isShared ? 'a host of another version uses it' : 'another host uses it');
  }
}

/** Whether the file has the tables of this version. */
function hasTables(file: string): boolean {
  if (!existsSync(file)) return false;
  const { DatabaseSync } = sqlite();
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return versionOf(database) === VERSION;
  } finally {
    database.close();
  }
}

if (typeof workerData?.espHostState === 'string') serve(workerData.espHostState, workerData.isShared === true);
