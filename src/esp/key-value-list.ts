import { IncorrectParameterError, ListError } from './errors.js';

/** A key and its typed value. `strx` is a type 0 string whose bytes are not valid in the listener's charset. */
export type KeyValueEntry = (
  | { readonly key: string; readonly type: 'str' | 'utf16'; readonly value: string }
  | { readonly key: string; readonly type: 'int'; readonly value: number }
  | { readonly key: string; readonly type: 'bin' | 'strx'; readonly value: Uint8Array }
  | { readonly key: string; readonly type: 'list'; readonly value: KeyValueList }
) & {
  /** The bytes of the key, only if they are not valid in the listener's charset. */
  readonly keyBytes?: Uint8Array;
};

export type EntryType = KeyValueEntry['type'];

/** A value to write: string, int32, bytes, a list, or a plain object (a nested list). */
export type PlainValue = string | number | Uint8Array | KeyValueList | PlainValues;
/** The content of a list as a plain object. A key with an array is repeated, one with `undefined` is omitted. */
export interface PlainValues {
  readonly [key: string]: PlainValue | readonly PlainValue[] | undefined;
}

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;

export const isInt32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX;

/** Reads entries on demand, for example from the bytes of a message. */
export interface EntrySource {
  readonly length: number;
  /** The first entry with this key. */
  find(key: string): KeyValueEntry | undefined;
  /** Every entry, in order. Nested lists are the same objects that `find` returned. */
  all(): KeyValueEntry[];
}

/**
 * The ordered, typed key-value list of ESP. Keys may repeat; the readers by key return the first entry with that key, and
 * throw {@link IncorrectParameterError} if its value has another type.
 */
export class KeyValueList implements Iterable<KeyValueEntry> {
  #content: KeyValueEntry[] | EntrySource;

  constructor(content?: KeyValueEntry[]);
  /** @internal */
  constructor(content: EntrySource);
  constructor(content: KeyValueEntry[] | EntrySource = []) {
    this.#content = content;
  }

  /**
   * Builds a list from a plain object: strings become `text`, integers int32, objects lists, arrays repeated keys.
   * @throws ListError for a value that a list cannot hold
   */
  static from(values: PlainValues | KeyValueList, text: 'str' | 'utf16' = 'str'): KeyValueList {
    if (values instanceof KeyValueList) return values;
    if (!isPlainObject(values)) throw new ListError('ESP_LIST_VALUE', notPlain(values));
    return new KeyValueList(entriesOf(values, text));
  }

  /** All entries. Changes to the array change the list. */
  get entries(): KeyValueEntry[] {
    if (!Array.isArray(this.#content)) this.#content = this.#content.all();
    return this.#content;
  }

  get length(): number {
    return this.#content.length;
  }

  [Symbol.iterator](): Iterator<KeyValueEntry> {
    return this.entries[Symbol.iterator]();
  }

  add(entry: KeyValueEntry): this {
    this.entries.push(entry);
    return this;
  }

  /** The first entry with this key. */
  find(key: string): KeyValueEntry | undefined {
    const content = this.#content;
    if (!Array.isArray(content)) return content.find(key);
    for (let i = 0; i < content.length; i++) {
      const entry = content[i];
      if (entry !== undefined && entry.key === key) return entry;
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.find(key) !== undefined;
  }

  /** Every entry with this key, in order. */
  all(key: string): KeyValueEntry[] {
    return this.entries.filter((entry) => entry.key === key);
  }

  /** The first value of `key` as a string, whatever its kind of string. */
  string(key: string): string | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    const text = textOf(entry);
    if (text === undefined) throw new IncorrectParameterError(key, 'not a string');
    return text;
  }

  requireString(key: string): string {
    return required(key, this.string(key));
  }

  /** The first value of `key` as an int: an int32, or a string that holds a decimal int32. */
  int(key: string): number | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    const value = intOf(entry);
    if (value === undefined) throw new IncorrectParameterError(key, 'not an int');
    return value;
  }

  requireInt(key: string): number {
    return required(key, this.int(key));
  }

  /** The first value of `key` as a list. */
  list(key: string): KeyValueList | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    if (entry.type !== 'list') throw new IncorrectParameterError(key, 'not a list');
    return entry.value;
  }

  requireList(key: string): KeyValueList {
    return required(key, this.list(key));
  }

  /** The first value of `key` as bytes. */
  binary(key: string): Uint8Array | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    if (entry.type !== 'bin') throw new IncorrectParameterError(key, 'not binary');
    return entry.value;
  }

  requireBinary(key: string): Uint8Array {
    return required(key, this.binary(key));
  }

  /**
   * The list as a plain object, nested lists included; an array for a repeated key. Strings lose their kind, and keys
   * that repeat their places; the JSON form of a message (`messageToJson`) loses nothing.
   */
  toPlain(): PlainValues {
    return byKey(this, (entry) => (entry.type === 'list' ? entry.value.toPlain() : plainValue(entry)));
  }

  /** As {@link toPlain}, with bytes in hex. For people: `JSON.stringify` and logs call it. */
  toJSON(): unknown {
    return byKey(this, (entry) => {
      const value = entry.type === 'list' ? entry.value : plainValue(entry);
      return value instanceof Uint8Array ? bytesAsHex(value) : value;
    });
  }

  /** As JSON, on one line. */
  toString(): string {
    return JSON.stringify(this);
  }

  /** For `console.log` and `util.inspect`. */
  [Symbol.for('nodejs.util.inspect.custom')](
    depth: number | null,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    if (depth !== null && depth < 0) return '[KeyValueList]';
    const values = byKey(this, (entry) => (entry.type === 'list' ? entry.value : plainValue(entry)));
    return `KeyValueList ${inspect(values, { ...options, depth })}`;
  }
}

type ScalarEntry = Exclude<KeyValueEntry, { readonly type: 'list' }>;

const plainValue = (entry: ScalarEntry): string | number | Uint8Array =>
  entry.type === 'strx' ? bytesAsText(entry.value) : entry.value;

/** An object of the list's values; an array for a repeated key. */
function byKey<T>(list: KeyValueList, read: (entry: KeyValueEntry) => T): Record<string, T | T[]> {
  const values = new Map<string, T[]>();
  for (const entry of list.entries) {
    const value = read(entry);
    const before = values.get(entry.key);
    if (before === undefined) values.set(entry.key, [value]);
    else before.push(value);
  }
  const members = [...values].map(([key, all]): [string, T | T[]] => [key, all.length === 1 ? (all[0] as T) : all]);
  return Object.fromEntries(members);
}

function required<T>(key: string, value: T | undefined): T {
  if (value === undefined) throw new IncorrectParameterError(key, 'missing');
  return value;
}

/** The text of an entry of any string kind (U+FFFD for bytes that are not valid text), else undefined. */
export function textOf(entry: KeyValueEntry): string | undefined {
  if (entry.type === 'str' || entry.type === 'utf16') return entry.value;
  if (entry.type === 'strx') return bytesAsText(entry.value);
  return undefined;
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes as UTF-8, for people: U+FFFD for those that are not valid. */
export const bytesAsText = (bytes: Uint8Array): string => lenient.decode(bytes);

/** Two hex digits a byte. */
export const bytesAsHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** The number in an int entry, or in a string that holds a decimal int32, else undefined. */
export function intOf(entry: KeyValueEntry): number | undefined {
  if (entry.type === 'int') return entry.value;
  const text = textOf(entry);
  if (text === undefined || !/^-?\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return isInt32(value) ? value : undefined;
}

/** Whether an object is a plain one, of whichever realm: not a Date, a Map or an instance of a class. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Why an object that is not plain is refused. */
export const notPlain = (value: object): string =>
  `a key-value list cannot hold an instance of ${value.constructor?.name || 'a class'}`;

function entriesOf(values: PlainValues, text: 'str' | 'utf16'): KeyValueEntry[] {
  const entries: KeyValueEntry[] = [];
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const one of value) entries.push(entryOf(key, one, text));
    else entries.push(entryOf(key, value as PlainValue, text));
  }
  return entries;
}

function entryOf(key: string, value: PlainValue, text: 'str' | 'utf16'): KeyValueEntry {
  if (typeof value === 'string') return { key, type: text, value };
  if (typeof value === 'number') {
    if (!isInt32(value)) throw unsupported(key, `${value} is not an int32; write it as a string`);
    return { key, type: 'int', value };
  }
  if (value instanceof Uint8Array) return { key, type: 'bin', value };
  if (value instanceof KeyValueList) return { key, type: 'list', value };
  if (Array.isArray(value)) throw unsupported(key, 'a key-value list cannot hold an array in an array');
  if (typeof value === 'object' && value !== null) return { key, type: 'list', value: nested(key, value, text) };
  throw unsupported(key, `a key-value list cannot hold ${value === null ? 'null' : `a ${typeof value}`}`);
}

const unsupported = (key: string, why: string): ListError => new ListError('ESP_LIST_VALUE', `${key}: ${why}`);

function nested(key: string, values: PlainValues, text: 'str' | 'utf16'): KeyValueList {
  if (!isPlainObject(values)) throw unsupported(key, notPlain(values));
  try {
    return new KeyValueList(entriesOf(values, text));
  } catch (error) {
    if (error instanceof ListError) throw new ListError('ESP_LIST_VALUE', `${key}.${error.message}`);
    throw error;
  }
}
