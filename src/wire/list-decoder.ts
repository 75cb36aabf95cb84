import { type KeyValueEntry, KeyValueList } from '../esp/index.js';
import type { Charset } from './charset.js';
import { EntryCode, LARGE, SHORT_MAX } from './constants.js';
import { WireError } from './wire-error.js';

/** The smallest entry: type, key length, value length. What a count claims is believed only up to this. */
const ENTRY_MIN = 5;

export interface ListLimits {
  /** Deepest nesting; the outermost list is 1. */
  readonly listDepth: number;
  /** Most entries of all the lists of a message together. */
  readonly listEntries: number;
}

/** Decodes key-value lists of one message out of `bytes`; offsets in its errors count from `origin`. */
export class ListDecoder {
  #at = 0;
  #entries = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly origin: number,
    private readonly charset: Charset,
    private readonly limits: ListLimits,
  ) {}

  /** Where the last list that was decoded ended. */
  get at(): number {
    return this.#at;
  }

  /** A short list ('b'): u16 length of the whole list, u16 count, entries. */
  short(start: number, end: number, depth = 1): KeyValueList {
    if (end - start < 4) throw this.#error(`a short list needs 4 bytes and has ${end - start}`, start);
    const length = this.bytes.readUInt16BE(start);
    if (length < 4) throw this.#error(`short list length ${length} is below 4`, start);
    if (length > end - start) throw this.#error(`short list of ${length} bytes in a place of ${end - start}`, start);
    const count = this.bytes.readUInt16BE(start + 2);
    return this.#list(count, start + 4, start + length, depth, false);
  }

  /** A long list ('B'): u32 length of what follows, count (u16 where the length fits 16 bits, else u32), entries. */
  long(start: number, end: number, depth = 1): KeyValueList {
    if (end - start < 6) throw this.#error(`a long list needs 6 bytes and has ${end - start}`, start);
    const length = this.bytes.readUInt32BE(start);
    if (length > end - start - 4) {
      throw this.#error(`long list of ${length} bytes in a place of ${end - start - 4}`, start);
    }
    if (length <= SHORT_MAX) {
      if (length < 2) throw this.#error(`long list length ${length} is below 2`, start);
      return this.#list(this.bytes.readUInt16BE(start + 4), start + 6, start + 4 + length, depth, true);
    }
    return this.#list(this.bytes.readUInt32BE(start + 4), start + 8, start + 4 + length, depth, true);
  }

  #list(count: number, start: number, end: number, depth: number, long: boolean): KeyValueList {
    if (depth > this.limits.listDepth) throw this.#error(`lists nested over ${this.limits.listDepth} deep`, start);
    if (count * ENTRY_MIN > end - start) {
      throw this.#error(`a list claims ${count} entries in ${end - start} bytes`, start);
    }
    this.#entries += count;
    if (this.#entries > this.limits.listEntries) {
      throw this.#error(`more than ${this.limits.listEntries} list entries in one message`, start);
    }
    const entries = new Array<KeyValueEntry>(count);
    this.#at = start;
    for (let index = 0; index < count; index++) entries[index] = this.#entry(end, depth, long);
    if (this.#at !== end) throw this.#error(`${end - this.#at} bytes left over behind the list's entries`, this.#at);
    return new KeyValueList(entries);
  }

  #entry(end: number, depth: number, long: boolean): KeyValueEntry {
    const { bytes } = this;
    const at = this.#at;
    if (end - at < ENTRY_MIN) throw this.#error(`a list entry needs ${ENTRY_MIN} bytes and ${end - at} are left`, at);
    const code = bytes[at] as number;
    const keyStart = at + 3;
    const keyEnd = keyStart + bytes.readUInt16BE(at + 1);
    if (keyEnd + 2 > end) throw this.#error(`a key of ${keyEnd - keyStart} bytes runs past the list's end`, at + 1);
    const large = long && code >= LARGE;
    const valueStart = keyEnd + (large ? 4 : 2);
    if (valueStart > end) throw this.#error("a value's length runs past the list's end", keyEnd);
    const length = large ? bytes.readUInt32BE(keyEnd) : bytes.readUInt16BE(keyEnd);
    if (large && code === (EntryCode.List | LARGE)) return this.#largeList(keyStart, keyEnd, end, depth);
    if (length > end - valueStart) {
      throw this.#error(`a value of ${length} bytes runs past the list's end (${end - valueStart} are left)`, keyEnd);
    }
    this.#at = valueStart + length;
    return this.#value(large ? code - LARGE : code, at, keyEnd, valueStart, depth);
  }

  /** Type 0x83: the value is a long list with its own u32 length in the place of the value's. */
  #largeList(keyStart: number, keyEnd: number, end: number, depth: number): KeyValueEntry {
    if (this.bytes.readUInt32BE(keyEnd) <= SHORT_MAX) {
      throw this.#error('a large nested list (type 0x83) is never this short', keyEnd);
    }
    const value = this.long(keyEnd, end, depth + 1);
    return this.#keyed(keyStart, keyEnd, { key: '', type: 'list', value });
  }

  #value(code: number, at: number, keyEnd: number, start: number, depth: number): KeyValueEntry {
    const { bytes } = this;
    const end = this.#at;
    const keyStart = at + 3;
    switch (code) {
      case EntryCode.String: {
        const value = this.#text(start, end);
        return value === undefined
          ? this.#keyed(keyStart, keyEnd, { key: '', type: 'strx', value: Buffer.from(bytes.subarray(start, end)) })
          : this.#keyed(keyStart, keyEnd, { key: '', type: 'str', value });
      }
      case EntryCode.Int:
        if (end - start !== 4) throw this.#error(`an int of ${end - start} bytes; an int has 4`, keyEnd);
        return this.#keyed(keyStart, keyEnd, { key: '', type: 'int', value: bytes.readInt32BE(start) });
      case EntryCode.Binary:
        return this.#keyed(keyStart, keyEnd, {
          key: '',
          type: 'bin',
          value: Buffer.from(bytes.subarray(start, end)),
        });
      case EntryCode.Utf16:
        if ((end - start) % 2 !== 0) throw this.#error(`UTF-16 of ${end - start} bytes; it has an even number`, keyEnd);
        return this.#keyed(keyStart, keyEnd, { key: '', type: 'utf16', value: utf16(bytes, start, end) });
      case EntryCode.List:
        return this.#nested(keyStart, keyEnd, start, end, depth);
      default:
        throw this.#error(`unknown entry type 0x${bytes.toString('hex', at, at + 1)}`, at);
    }
  }

  #nested(keyStart: number, keyEnd: number, start: number, end: number, depth: number): KeyValueEntry {
    const value = this.short(start, end, depth + 1);
    if (this.#at !== end) throw this.#error(`${end - this.#at} bytes left over behind a nested list`, this.#at);
    return this.#keyed(keyStart, keyEnd, { key: '', type: 'list', value });
  }

  #keyed(start: number, end: number, entry: KeyValueEntry): KeyValueEntry {
    const key = this.#text(start, end);
    if (key !== undefined) {
      (entry as { key: string }).key = key;
      return entry;
    }
    const keyBytes = Buffer.from(this.bytes.subarray(start, end));
    return { ...entry, key: keyBytes.toString('utf8'), keyBytes };
  }

  #text(start: number, end: number): string | undefined {
    return this.charset.ascii
      ? (shortAscii(this.bytes, start, end) ?? this.charset.decode(this.bytes, start, end))
      : this.charset.decode(this.bytes, start, end);
  }

  #error(problem: string, at: number): WireError {
    return new WireError(problem, at - this.origin);
  }
}

/** Keys and values are mostly a few ASCII characters; building those here is quicker than a call into the runtime. */
function shortAscii(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start > 24) return undefined;
  let text = '';
  for (let at = start; at < end; at++) {
    const code = bytes[at] as number;
    if (code > 0x7f) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

function utf16(bytes: Buffer, start: number, end: number): string {
  if (end - start <= 48) {
    let text = '';
    for (let at = start; at < end; at += 2) text += String.fromCharCode(bytes.readUInt16BE(at));
    return text;
  }
  return Buffer.from(bytes.subarray(start, end)).swap16().toString('utf16le');
}
