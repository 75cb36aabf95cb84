import { type EntrySource, type KeyValueEntry, KeyValueList } from '../esp/index.js';
import type { Charset } from './charset.js';
import { EntryCode, LARGE, SHORT_MAX } from './constants.js';
import { i32At, isAscii, isAsciiAt, textAt, u16At, u32At, utf16At } from './read-bytes.js';

/** The bytes of one message whose lists are valid. Offsets count from its start. */
export class MessageBytes {
  constructor(
    public bytes: Buffer,
    public start: number,
    readonly length: number,
    readonly charset: Charset,
  ) {}

  /** Copies the message out of a buffer that is much larger. */
  detach(): void {
    const { bytes, start, length } = this;
    if (bytes.length < 2 * length) return;
    this.bytes = slabFor(length);
    this.start = this.bytes === slab ? used : 0;
    if (this.bytes === slab) used += length;
    bytes.copy(this.bytes, this.start, start, start + length);
  }
}

/**
 * Copies of small messages share slabs of this size. Node's own pool has slabs of 64 kB, and one waiting request would pin
 * a whole one.
 */
const SLAB_BYTES = 8192;
let slab = Buffer.alloc(0);
let used = 0;

function slabFor(length: number): Buffer {
  if (length > SLAB_BYTES / 8) return Buffer.allocUnsafeSlow(length);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  return slab;
}

/** The short list ('b') at `at`. */
export const shortList = (message: MessageBytes, at: number): KeyValueList =>
  new KeyValueList(new MessageEntries(message, at + 4, u16At(message.bytes, message.start + at + 2), false));

/** The long list ('B') at `at`: its count is a u16 if its length fits in 16 bits, else a u32. */
export function longList(message: MessageBytes, at: number): KeyValueList {
  const { bytes, start } = message;
  const entries =
    u32At(bytes, start + at) <= SHORT_MAX
      ? new MessageEntries(message, at + 6, u16At(bytes, start + at + 4), true)
      : new MessageEntries(message, at + 8, u32At(bytes, start + at + 4), true);
  return new KeyValueList(entries);
}

/** The entries of a valid list, read from the bytes of the message on demand. */
class MessageEntries implements EntrySource {
  /** The entries of nested lists that have been read, by index. */
  #lists: (KeyValueEntry | undefined)[] | undefined;

  constructor(
    private readonly message: MessageBytes,
    private readonly first: number,
    readonly length: number,
    private readonly long: boolean,
  ) {}

  find(key: string): KeyValueEntry | undefined {
    if (!this.message.charset.ascii) return this.all().find((entry) => entry.key === key);
    const { bytes, start } = this.message;
    let at = start + this.first;
    for (let index = 0; index < this.length; index++) {
      const length = u16At(bytes, at + 1);
      if (length === key.length && isAsciiAt(bytes, at + 3, key)) return this.#entry(index, at, key);
      at = this.#endOf(bytes, at, length);
    }
    return isAscii(key) ? undefined : this.all().find((entry) => entry.key === key);
  }

  all(): KeyValueEntry[] {
    const { bytes, start } = this.message;
    const all: KeyValueEntry[] = [];
    let at = start + this.first;
    for (let index = 0; index < this.length; index++) {
      all.push(this.#entry(index, at));
      at = this.#endOf(bytes, at, u16At(bytes, at + 1));
    }
    return all;
  }

  /** Where the entry at `at` ends. The length of a large list is at the place of a large value's. */
  #endOf(bytes: Buffer, at: number, keyLength: number): number {
    const keyEnd = at + 3 + keyLength;
    return this.#isLarge(bytes, at) ? keyEnd + 4 + u32At(bytes, keyEnd) : keyEnd + 2 + u16At(bytes, keyEnd);
  }

  #isLarge(bytes: Buffer, at: number): boolean {
    return this.long && (bytes[at] as number) >= LARGE;
  }

  /**
   * Returns the same nested list each time, so that changes to it persist.
   * @param key if the caller knows it
   */
  #entry(index: number, at: number, key?: string): KeyValueEntry {
    const known = this.#lists?.[index];
    if (known !== undefined) return known;
    const entry = this.#read(at, key);
    if (entry.type === 'list') {
      this.#lists ??= [];
      this.#lists[index] = entry;
    }
    return entry;
  }

  #read(at: number, known: string | undefined): KeyValueEntry {
    const { bytes, charset } = this.message;
    const keyEnd = at + 3 + u16At(bytes, at + 1);
    const entry = this.#value(at, keyEnd);
    const key = known ?? textAt(bytes, at + 3, keyEnd, charset);
    if (key !== undefined) {
      (entry as { key: string }).key = key;
      return entry;
    }
    const keyBytes = Buffer.from(bytes.subarray(at + 3, keyEnd));
    return { ...entry, key: keyBytes.toString('utf8'), keyBytes };
  }

  /** The entry without its key. */
  #value(at: number, keyEnd: number): KeyValueEntry {
    const { bytes, start: origin, charset } = this.message;
    const large = this.#isLarge(bytes, at);
    const start = keyEnd + (large ? 4 : 2);
    const end = this.#endOf(bytes, at, keyEnd - at - 3);
    const code = bytes[at] as number;
    switch (large ? code - LARGE : code) {
      case EntryCode.Int:
        return { key: '', type: 'int', value: i32At(bytes, start) };
      case EntryCode.Binary:
        return { key: '', type: 'bin', value: Buffer.from(bytes.subarray(start, end)) };
      case EntryCode.Utf16:
        return { key: '', type: 'utf16', value: utf16At(bytes, start, end) };
      case EntryCode.List: {
        const value = large ? longList(this.message, keyEnd - origin) : shortList(this.message, start - origin);
        return { key: '', type: 'list', value };
      }
      default: {
        const value = textAt(bytes, start, end, charset);
        if (value !== undefined) return { key: '', type: 'str', value };
        return { key: '', type: 'strx', value: Buffer.from(bytes.subarray(start, end)) };
      }
    }
  }
}
