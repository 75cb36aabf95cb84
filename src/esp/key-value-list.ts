import { Failure } from './failure.js';

/** A value as the wire knows it; `strx` is a type 0 string whose bytes are not valid in the listener's charset. */
export type KeyValueEntry = (
  | { readonly key: string; readonly type: 'str' | 'utf16'; readonly value: string }
  | { readonly key: string; readonly type: 'int'; readonly value: number }
  | { readonly key: string; readonly type: 'bin' | 'strx'; readonly value: Uint8Array }
  | { readonly key: string; readonly type: 'list'; readonly value: KeyValueList }
) & {
  /** The key's own bytes, only where they are not valid in the listener's charset. */
  readonly keyBytes?: Uint8Array;
};

export type EntryType = KeyValueEntry['type'];

/** What a handler may write for a value: string, int32, bytes, a list, or a plain object (a nested list). */
export type PlainValue = string | number | Uint8Array | KeyValueList | PlainValues;
export interface PlainValues {
  readonly [key: string]: PlainValue | readonly PlainValue[] | undefined;
}

/** A value that a list cannot hold, or JSON that is no list; the message names the place. */
export class ListError extends Error {
  override readonly name = 'ListError';
}

/** A parameter that is missing or of the wrong type; the dispatcher answers it with fault 904. */
export class IncorrectParameter extends Failure {
  override readonly name = 'IncorrectParameter';
  constructor(
    readonly parameter: string,
    readonly why: string,
  ) {
    super(`incorrect ${parameter}: ${why}`);
  }
}

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;

export const isInt32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX;

/** Where entries come from that are made when they are asked for: the bytes of a message. */
export interface EntrySource {
  readonly length: number;
  /** The first entry with this key. */
  find(key: string): KeyValueEntry | undefined;
  /** Every entry, in order, with the lists that `find` gave before. */
  all(): KeyValueEntry[];
}

/**
 * The ordered, typed key-value list of ESP. Keys may repeat; the readers by key give the first entry of that key.
 * Readers that find a value of another type throw {@link IncorrectParameter}.
 */
export class KeyValueList implements Iterable<KeyValueEntry> {
  #content: KeyValueEntry[] | EntrySource;

  constructor(content: KeyValueEntry[] | EntrySource = []) {
    this.#content = content;
  }

  /** Builds a list from a plain object: strings become `text`, integers int32, objects lists, arrays repeated keys. */
  static from(values: PlainValues | KeyValueList, text: 'str' | 'utf16' = 'str'): KeyValueList {
    if (values instanceof KeyValueList) return values;
    const entries: KeyValueEntry[] = [];
    for (const key in values) {
      const value = values[key];
      if (value === undefined) continue;
      if (Array.isArray(value)) for (const one of value) entries.push(entryOf(key, one, text));
      else entries.push(entryOf(key, value as PlainValue, text));
    }
    return new KeyValueList(entries);
  }

  /** All of them; what is added to or changed in the array is added to or changed in the list. */
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

  /** The first value of `key` as a string, of whichever string kind. */
  string(key: string): string | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    const text = textOf(entry);
    if (text === undefined) throw new IncorrectParameter(key, 'not a string');
    return text;
  }

  requireString(key: string): string {
    return required(key, this.string(key));
  }

  /** The first value of `key` as an int: an int32, or a string that is a whole decimal int32. */
  int(key: string): number | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    const value = intOf(entry);
    if (value === undefined) throw new IncorrectParameter(key, 'not an int');
    return value;
  }

  requireInt(key: string): number {
    return required(key, this.int(key));
  }

  /** The first value of `key` as a list. */
  list(key: string): KeyValueList | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    if (entry.type !== 'list') throw new IncorrectParameter(key, 'not a list');
    return entry.value;
  }

  requireList(key: string): KeyValueList {
    return required(key, this.list(key));
  }

  /** The first value of `key` as bytes. */
  binary(key: string): Uint8Array | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    if (entry.type !== 'bin') throw new IncorrectParameter(key, 'not binary');
    return entry.value;
  }

  requireBinary(key: string): Uint8Array {
    return required(key, this.binary(key));
  }
}

function required<T>(key: string, value: T | undefined): T {
  if (value === undefined) throw new IncorrectParameter(key, 'missing');
  return value;
}

/** The text of an entry of any string kind (bytes that are not valid text come out as U+FFFD), else undefined. */
export function textOf(entry: KeyValueEntry): string | undefined {
  if (entry.type === 'str' || entry.type === 'utf16') return entry.value;
  if (entry.type === 'strx') return bytesAsText(entry.value);
  return undefined;
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes read as UTF-8, for people; what is not valid comes out as U+FFFD. */
export const bytesAsText = (bytes: Uint8Array): string => lenient.decode(bytes);

/** The number of an int entry, or of a string that spells a decimal int32, else undefined. */
export function intOf(entry: KeyValueEntry): number | undefined {
  if (entry.type === 'int') return entry.value;
  const text = textOf(entry);
  if (text === undefined || !/^-?\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return isInt32(value) ? value : undefined;
}

function entryOf(key: string, value: PlainValue, text: 'str' | 'utf16'): KeyValueEntry {
  if (typeof value === 'string') return { key, type: text, value };
  if (typeof value === 'number') {
    if (!isInt32(value)) throw new ListError(`${key}: ${value} is not an int32; write it as a string`);
    return { key, type: 'int', value };
  }
  if (value instanceof Uint8Array) return { key, type: 'bin', value };
  if (Array.isArray(value)) throw new ListError(`${key}: an array in an array has no place in a key-value list`);
  if (typeof value === 'object' && value !== null) return { key, type: 'list', value: nested(key, value, text) };
  throw new ListError(`${key}: a ${value === null ? 'null' : typeof value} has no place in a key-value list`);
}

function nested(key: string, value: KeyValueList | PlainValues, text: 'str' | 'utf16'): KeyValueList {
  try {
    return KeyValueList.from(value, text);
  } catch (error) {
    if (error instanceof ListError) throw new ListError(`${key}.${error.message}`);
    throw error;
  }
}
