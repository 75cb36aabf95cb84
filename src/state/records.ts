import type { Operations, RecordWrite } from './database.js';
import { StateError } from './errors.js';
import type { StateFile } from './state-file.js';

/** The records of one plugin in the state file: JSON values by id. They survive the process. A StateError says that an id is too long. */
export interface State {
  /** The value, or undefined if there is none or it has expired. The caller names its type. */
  get<T = unknown>(id: string): Promise<T | undefined>;
  /** Sets the value for `keepMs` from now. @throws StateError if the id or the value is too long */
  put(id: string, value: unknown, options: { readonly keepMs: number }): Promise<void>;
  delete(id: string): Promise<void>;
}

const ID_MAX = 512;
const VALUE_MAX = 262_144;

/** The largest date. */
const FOR_EVER = 8.64e15;

function invalid(): StateError {
  const message = `a record needs an id of up to ${ID_MAX} characters, JSON of up to ${VALUE_MAX}, and keepMs above 0`;
  return new StateError('ESP_STATE_INVALID_RECORD', message);
}

/** The database refuses another id together with every operation of its batch. @throws StateError */
function validId(id: string): string {
  if (typeof id !== 'string' || id.length > ID_MAX) throw invalid();
  return id;
}

function writeOf(id: string, value: unknown, keepMs: number): RecordWrite {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > VALUE_MAX || !(keepMs > 0)) throw invalid();
  return { id: validId(id), value: text, expiresAt: Math.min(Date.now() + keepMs, FOR_EVER) };
}

const removalOf = (id: string): RecordWrite => ({ id: validId(id), value: null, expiresAt: 0 });

const parsed = <T>(value: string | null): T | undefined => (value === null ? undefined : JSON.parse(value));

/** Commits each change at once. */
export class Records implements State {
  constructor(
    private readonly file: StateFile,
    private readonly owner: string,
  ) {}

  async get<T>(id: string): Promise<T | undefined> {
    const { value } = await this.file.do('read', { owner: this.owner, id: validId(id), now: Date.now() });
    return parsed(value);
  }

  async put(id: string, value: unknown, { keepMs }: { readonly keepMs: number }): Promise<void> {
    await this.#write(writeOf(id, value, keepMs));
  }

  async delete(id: string): Promise<void> {
    await this.#write(removalOf(id));
  }

  async #write(write: RecordWrite): Promise<void> {
    await this.file.do('commit', { owner: this.owner, seq: undefined, reads: [], writes: [write] });
  }
}

/** Collects changes, and commits them together with the end of the event that caused them. It sees its own changes. */
export class Transaction implements State {
  readonly #reads = new Map<string, number>();
  readonly #writes = new Map<string, RecordWrite>();

  constructor(
    private readonly file: StateFile,
    private readonly owner: string,
  ) {}

  async get<T>(id: string): Promise<T | undefined> {
    const own = this.#writes.get(id);
    if (own !== undefined) return parsed(own.value);
    const { value, version } = await this.file.do('read', { owner: this.owner, id: validId(id), now: Date.now() });
    // The first version counts: a later one is a conflict.
    if (!this.#reads.has(id)) this.#reads.set(id, version);
    return parsed(value);
  }

  async put(id: string, value: unknown, { keepMs }: { readonly keepMs: number }): Promise<void> {
    this.#writes.set(id, writeOf(id, value, keepMs));
  }

  async delete(id: string): Promise<void> {
    this.#writes.set(id, removalOf(id));
  }

  /** @param seq the event */
  commit(seq: number): Promise<Operations['commit']['result']> {
    const { owner } = this;
    return this.file.do('commit', { owner, seq, reads: [...this.#reads], writes: [...this.#writes.values()] });
  }
}
