import type { KeyValueEntry, KeyValueList } from '../esp/index.js';
import type { ByteWriter } from './byte-writer.js';
import type { Charset } from './charset.js';
import { AttributeType, EntryCode, KEY_MAX, LARGE, SHORT_MAX } from './constants.js';
import { EncodeError } from './errors.js';

/** Texts up to this length are first written as ASCII, in place. */
const ASCII_TRY = 128;

/** Writes key-value lists as the vendor's SDK does: in the short form if it fits, else in the long one. */
export class ListEncoder {
  constructor(
    private readonly writer: ByteWriter,
    private readonly charset: Charset,
  ) {}

  /** Writes the type of the attribute ('b' or 'B') and the list. */
  attribute(list: KeyValueList): void {
    const { writer } = this;
    const start = writer.length;
    writer.u8(AttributeType.ShortList);
    if (this.short(list)) return;
    writer.length = start;
    writer.u8(AttributeType.LongList);
    this.#long(measure(list, this.charset), false);
  }

  /** Writes the short form. Returns false if the list does not fit in it: the caller must reset the writer. */
  short(list: KeyValueList): boolean {
    const { writer } = this;
    const start = writer.length;
    writer.u16(0);
    writer.u16(list.length);
    for (const entry of list.entries) {
      if (!this.#shortEntry(entry) || writer.length - start > SHORT_MAX) return false;
    }
    writer.setU16(start, writer.length - start);
    return true;
  }

  /** Returns false if the entry certainly does not fit. */
  #shortEntry(entry: KeyValueEntry): boolean {
    const { writer } = this;
    const start = writer.length;
    writer.u8(0);
    this.#key(entry);
    const lengthAt = writer.length;
    writer.u16(0);
    if (entry.type === 'list') {
      writer.set(start, EntryCode.List);
      if (!this.short(entry.value)) return false;
    } else {
      // A value may have hundreds of megabytes: don't write it only to discard it.
      if (entry.type !== 'int' && entry.value.length > SHORT_MAX) return false;
      writer.set(start, this.#value(entry));
    }
    writer.setU16(lengthAt, writer.length - lengthAt - 2);
    return true;
  }

  /** u32 length, count (u16 where the length then fits 16 bits, but never in a nested list), entries. */
  #long(plan: LongPlan, nested: boolean): void {
    const { writer } = this;
    if (!nested && plan.size + 2 <= SHORT_MAX) {
      writer.u32(plan.size + 2);
      writer.u16(plan.list.length);
    } else {
      writer.u32(plan.size + 4);
      writer.u32(plan.list.length);
    }
    plan.list.entries.forEach((entry, index) => {
      const large = plan.large.get(index);
      if (large === undefined) this.#shortEntry(entry);
      else this.#largeEntry(entry, large);
    });
  }

  /** A value over 65535 bytes: type | 0x80 and a u32 length. A list starts with its own length. */
  #largeEntry(entry: KeyValueEntry, plan: LongPlan | null): void {
    const { writer } = this;
    const start = writer.length;
    writer.u8(0);
    this.#key(entry);
    if (plan !== null) {
      writer.set(start, EntryCode.List | LARGE);
      this.#long(plan, true);
      return;
    }
    const lengthAt = writer.length;
    writer.u32(0);
    writer.set(start, this.#value(entry as Exclude<KeyValueEntry, { type: 'list' }>) | LARGE);
    writer.setU32(lengthAt, writer.length - lengthAt - 4);
  }

  #key(entry: KeyValueEntry): void {
    const { writer } = this;
    const at = writer.length;
    writer.u16(0);
    if (entry.keyBytes !== undefined) writer.append(entry.keyBytes);
    else if (!this.#ascii(entry.key)) writer.append(keyBytes(entry, this.charset));
    const length = writer.length - at - 2;
    if (length > KEY_MAX) throw keyTooLong(length);
    writer.setU16(at, length);
  }

  /** Writes the bytes of a value. @returns the code of the type in which they are */
  #value(entry: Exclude<KeyValueEntry, { type: 'list' }>): number {
    const { writer } = this;
    switch (entry.type) {
      case 'int':
        writer.u32(entry.value);
        return EntryCode.Int;
      case 'bin':
        writer.append(entry.value);
        return EntryCode.Binary;
      case 'strx':
        writer.append(entry.value);
        return EntryCode.String;
      case 'utf16':
        writer.utf16(entry.value);
        return EntryCode.Utf16;
      case 'str':
        return this.#string(entry.value);
    }
  }

  /** Writes a text that the charset cannot express as UTF-16: readers accept both kinds, and nothing is lost. */
  #string(text: string): number {
    if (this.#ascii(text)) return EntryCode.String;
    const bytes = this.charset.encode(text);
    if (bytes === undefined) {
      this.writer.utf16(text);
      return EntryCode.Utf16;
    }
    this.writer.append(bytes);
    return EntryCode.String;
  }

  #ascii(text: string): boolean {
    return this.charset.ascii && text.length <= ASCII_TRY && this.writer.ascii(text);
  }
}

/** The long form of a list: which of its values need a u32 length (with the plan of a nested list). */
interface LongPlan {
  readonly list: KeyValueList;
  /** Bytes of the entries. */
  readonly size: number;
  readonly large: ReadonlyMap<number, LongPlan | null>;
}

function measure(list: KeyValueList, charset: Charset): LongPlan {
  const large = new Map<number, LongPlan | null>();
  let size = 0;
  list.entries.forEach((entry, index) => {
    const key = entry.keyBytes?.length ?? keyBytes(entry, charset).length;
    if (key > KEY_MAX) throw keyTooLong(key);
    size += 1 + 2 + key;
    const plan = entry.type === 'list' ? measure(entry.value, charset) : undefined;
    const value = entry.type === 'list' ? 4 + (plan?.size ?? 0) : valueLength(entry, charset);
    const isLarge = value > SHORT_MAX;
    if (isLarge) large.set(index, plan ?? null);
    if (plan === undefined) size += value + (isLarge ? 4 : 2);
    else size += isLarge ? 8 + plan.size : 2 + value;
  });
  return { list, size, large };
}

function valueLength(entry: Exclude<KeyValueEntry, { type: 'list' }>, charset: Charset): number {
  switch (entry.type) {
    case 'int':
      return 4;
    case 'bin':
    case 'strx':
      return entry.value.length;
    case 'utf16':
      return entry.value.length * 2;
    case 'str':
      return charset.encode(entry.value)?.length ?? entry.value.length * 2;
  }
}

function keyBytes(entry: KeyValueEntry, charset: Charset): Buffer {
  const bytes = charset.encode(entry.key);
  if (bytes === undefined)
    throw new EncodeError(
      'ESP_WIRE_KEY_CHARSET',
      `charset ${charset.name} cannot express key ${JSON.stringify(entry.key)}`,
    );
  return bytes;
}

const keyTooLong = (length: number): EncodeError =>
  new EncodeError('ESP_WIRE_KEY_TOO_LONG', `key of ${length} bytes exceeds the maximum of ${KEY_MAX} bytes`);
