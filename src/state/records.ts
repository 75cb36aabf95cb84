import { StateError } from './errors.js';
import type { FoundRow, Operations, RecordWrite } from './operations.js';
import type { StateStore } from './store.js';

/** How `put` keeps a record. */
export interface PutOptions {
  /** How long the record is kept from now. */
  readonly keepMs: number;
  /**
   * Keys by which `find` and `forget` find the record: up to 16, each of 1 to 512 characters. They replace those that it has.
   * @default none
   */
  readonly keys?: readonly string[];
}

/** What `update` makes of a record. */
export interface RecordChange<T = unknown> extends PutOptions {
  readonly value: T;
}

/** Which page of the records `find` gives. */
export interface FindOptions {
  /** @default 100 */
  readonly limit?: number;
  /** `seq` of the last record of the page before. @default the newest record comes first */
  readonly before?: number | undefined;
}

/** A record as `find` gives it. */
export interface StoredRecord<T = unknown> {
  readonly id: string;
  readonly value: T;
  /** Greater for a record that was created later. It does not change with the value. */
  readonly seq: number;
}

/** The records of one plugin in the state: JSON values by id. They survive the process. A StateError says that an id is too long. */
export interface State {
  /** Whether other hosts may use the records at the same time. */
  readonly isShared: boolean;
  /** The value, or undefined if there is none or it has expired. The caller names its type. */
  get<T = unknown>(id: string): Promise<T | undefined>;
  /** Sets the value for `keepMs` from now. @throws StateError if the id, the value or a key is too long */
  put(id: string, value: unknown, options: PutOptions): Promise<void>;
  /**
   * Changes the value that a record has now. If it changes meanwhile, `change` runs again with the new value.
   * @param change gets undefined if there is no record; returns undefined to leave it as it is
   * @returns the value as it is afterwards
   * @throws StateError
   */
  update<T = unknown>(
    id: string,
    change: (value: T | undefined) => RecordChange<T> | undefined,
  ): Promise<T | undefined>;
  delete(id: string): Promise<void>;
  /**
   * The records with a key, newest first. In a webhook's transaction it finds committed records only, and the handler
   * does not run again if they change: `get` the ones that matter.
   */
  find<T = unknown>(key: string, options?: FindOptions): Promise<StoredRecord<T>[]>;
  /** Deletes all records with a key, to erase what is known about a person. @returns how many there were */
  forget(key: string): Promise<number>;
}

const ID_MAX = 512;
const VALUE_MAX = 262_144;
const KEYS_MAX = 16;

/** The largest date. */
const FOR_EVER = 8.64e15;

/** How often `update` tries. */
const ATTEMPTS = 100;

function invalid(): StateError {
  const message =
    `a record needs an id of up to ${ID_MAX} characters, JSON of up to ${VALUE_MAX}, keepMs above 0, ` +
    `and up to ${KEYS_MAX} keys of 1 to ${ID_MAX} characters`;
  return new StateError('ESP_STATE_INVALID_RECORD', message);
}

/** The database refuses another id together with every operation of its batch. @throws StateError */
function validId(id: string): string {
  if (typeof id !== 'string' || id.length > ID_MAX) throw invalid();
  return id;
}

/** @throws StateError */
function validKey(key: string): string {
  if (key === '') throw invalid();
  return validId(key);
}

function writeOf(id: string, value: unknown, { keepMs, keys = [] }: PutOptions): RecordWrite {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > VALUE_MAX || !(keepMs > 0) || keys.length > KEYS_MAX) throw invalid();
  // The database refuses a fraction together with every operation of its batch.
  const expiresAt = Math.ceil(Math.min(Date.now() + keepMs, FOR_EVER));
  return {
    id: validId(id),
    value: text,
    expiresAt,
    keys: [...new Set(keys.map((key) => validKey(key).toWellFormed()))],
  };
}

const removalOf = (id: string): RecordWrite => ({ id: validId(id), value: null, expiresAt: 0, keys: [] });

const parsed = <T>(value: string | null): T | undefined => (value === null ? undefined : JSON.parse(value));

async function find<T>(
  store: StateStore,
  owner: string,
  key: string,
  options: FindOptions,
): Promise<StoredRecord<T>[]> {
  const { limit = 100, before = Number.MAX_SAFE_INTEGER } = options;
  if (!Number.isSafeInteger(limit) || !Number.isSafeInteger(before) || limit < 0) {
    throw new TypeError('limit and before of find must be whole numbers');
  }
  const rows = await store.do('find', { owner, key: validKey(key), now: Date.now(), limit, before });
  return rows.map(({ id, value, seq }: FoundRow) => ({ id, value: JSON.parse(value) as T, seq }));
}

/** Commits each change at once. */
export class Records implements State {
  constructor(
    private readonly store: StateStore,
    private readonly owner: string,
  ) {}

  get isShared(): boolean {
    return this.store.lease !== undefined;
  }

  async get<T>(id: string): Promise<T | undefined> {
    const { value } = await this.#read(id);
    return parsed(value);
  }

  async put(id: string, value: unknown, options: PutOptions): Promise<void> {
    await this.#commit([], writeOf(id, value, options));
  }

  async update<T>(id: string, change: (value: T | undefined) => RecordChange<T> | undefined): Promise<T | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { value, version } = await this.#read(id);
      const changed = change(parsed<T>(value));
      if (changed === undefined) return parsed(value);
      const write = writeOf(id, changed.value, changed);
      if ((await this.#commit([[id, version]], write)) === 'done') return changed.value;
    }
    throw new StateError('ESP_STATE_CONFLICT', `a record changed during ${ATTEMPTS} attempts to update it`);
  }

  async delete(id: string): Promise<void> {
    await this.#commit([], removalOf(id));
  }

  find<T>(key: string, options: FindOptions = {}): Promise<StoredRecord<T>[]> {
    return find(this.store, this.owner, key, options);
  }

  async forget(key: string): Promise<number> {
    return this.store.do('forget', { owner: this.owner, key: validKey(key) });
  }

  async #read(id: string): Promise<Operations['read']['result']> {
    return this.store.do('read', { owner: this.owner, id: validId(id), now: Date.now() });
  }

  #commit(reads: Operations['commit']['input']['reads'], write: RecordWrite) {
    return this.store.do('commit', { owner: this.owner, seq: undefined, reads, writes: [write] });
  }
}

/** Collects changes, and commits them together with the end of the event that caused them. It sees its own changes, except in `find`. */
export class Transaction implements State {
  readonly #reads = new Map<string, number>();
  readonly #writes = new Map<string, RecordWrite>();

  constructor(
    private readonly store: StateStore,
    private readonly owner: string,
    private readonly term?: string,
  ) {}

  get isShared(): boolean {
    return this.store.lease !== undefined;
  }

  async get<T>(id: string): Promise<T | undefined> {
    const own = this.#writes.get(id);
    if (own !== undefined) return parsed(own.value);
    const { value, version } = await this.store.do('read', { owner: this.owner, id: validId(id), now: Date.now() });
    // The first version counts: a later one is a conflict.
    if (!this.#reads.has(id)) this.#reads.set(id, version);
    return parsed(value);
  }

  async put(id: string, value: unknown, options: PutOptions): Promise<void> {
    this.#writes.set(id, writeOf(id, value, options));
  }

  async update<T>(id: string, change: (value: T | undefined) => RecordChange<T> | undefined): Promise<T | undefined> {
    const value = await this.get<T>(id);
    const changed = change(value);
    if (changed === undefined) return value;
    await this.put(id, changed.value, changed);
    return changed.value;
  }

  async delete(id: string): Promise<void> {
    this.#writes.set(id, removalOf(id));
  }

  find<T>(key: string, options: FindOptions = {}): Promise<StoredRecord<T>[]> {
    return find(this.store, this.owner, key, options);
  }

  async forget(key: string): Promise<number> {
    const ids = new Set(await this.store.do('keyed', { owner: this.owner, key: validKey(key) }));
    for (const [id, { keys }] of this.#writes) {
      if (keys.includes(key)) ids.add(id);
      else ids.delete(id);
    }
    for (const id of ids) this.#writes.set(id, removalOf(id));
    return ids.size;
  }

  /** @param seq the event */
  commit(seq: number): Promise<Operations['commit']['result']> {
    const { owner, term } = this;
    return this.store.do('commit', { term, owner, seq, reads: [...this.#reads], writes: [...this.#writes.values()] });
  }
}
