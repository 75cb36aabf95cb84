import { EntryCode, LARGE, SHORT_MAX } from './constants.js';
import { WireError, type WireErrorCode } from './errors.js';
import { u16At, u32At } from './read-bytes.js';

/** The smallest entry: type, key length, value length. Bounds the count that a list may claim. */
const ENTRY_MIN = 5;

export interface ListLimits {
  /** Maximum nesting; the outermost list is 1. */
  readonly listDepth: number;
  /** Maximum number of entries in all lists of a message. */
  readonly listEntries: number;
}

/**
 * Validates the structure of the key-value lists of one message, nested lists included, without reading keys and values.
 * Offsets in its errors count from `origin`. @throws WireError
 */
export class ListChecker {
  #at = 0;
  #entries = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly origin: number,
    private readonly limits: ListLimits,
  ) {}

  /** A short list ('b'): u16 length of the whole list, u16 count, entries. @returns where it ends */
  short(start: number, end: number, depth = 1): number {
    if (end - start < 4) throw this.#truncated('short list', 4, end - start, start);
    const length = u16At(this.bytes, start);
    if (length < 4) throw this.#wrongLength(`short list length ${length} is below 4`, start);
    if (length > end - start) throw this.#tooLong('short list', length, end - start, start);
    return this.#list(u16At(this.bytes, start + 2), start + 4, start + length, depth, false);
  }

  /**
   * A long list ('B'): u32 length of what follows, count (u16 where the length fits 16 bits, else u32), entries.
   * @returns where it ends
   */
  long(start: number, end: number, depth = 1): number {
    if (end - start < 6) throw this.#truncated('long list', 6, end - start, start);
    const length = u32At(this.bytes, start);
    if (length > end - start - 4) throw this.#tooLong('long list', length, end - start - 4, start);
    if (length <= SHORT_MAX) {
      if (length < 2) throw this.#wrongLength(`long list length ${length} is below 2`, start);
      return this.#list(u16At(this.bytes, start + 4), start + 6, start + 4 + length, depth, true);
    }
    return this.#list(u32At(this.bytes, start + 4), start + 8, start + 4 + length, depth, true);
  }

  #list(count: number, start: number, end: number, depth: number, long: boolean): number {
    if (depth > this.limits.listDepth) {
      const problem = `lists nest more than ${this.limits.listDepth} deep (limits.listDepth)`;
      throw this.#error('ESP_WIRE_LIST_TOO_DEEP', problem, start);
    }
    if (count * ENTRY_MIN > end - start) {
      throw this.#wrongLength(`list of ${count} entries does not fit in ${end - start} bytes`, start);
    }
    this.#entries += count;
    if (this.#entries > this.limits.listEntries) {
      const problem = `more than ${this.limits.listEntries} entries in the lists of a message (limits.listEntries)`;
      throw this.#error('ESP_WIRE_LIST_TOO_LONG', problem, start);
    }
    this.#at = start;
    for (let left = count; left > 0; left--) this.#entry(end, depth, long);
    if (this.#at !== end) throw this.#leftover(end - this.#at, "the list's entries", this.#at);
    return end;
  }

  /** Checks the entry at `#at`, and moves to the next. */
  #entry(end: number, depth: number, long: boolean): void {
    const { bytes } = this;
    const at = this.#at;
    if (end - at < ENTRY_MIN) throw this.#truncated('list entry', ENTRY_MIN, end - at, at);
    const code = bytes[at] as number;
    const keyEnd = at + 3 + u16At(bytes, at + 1);
    if (keyEnd + 2 > end)
      throw this.#wrongLength(`key of ${keyEnd - at - 3} bytes runs past the end of the list`, at + 1);
    const large = long && code >= LARGE;
    const valueStart = keyEnd + (large ? 4 : 2);
    if (valueStart > end) throw this.#wrongLength('the length of a value runs past the end of the list', keyEnd);
    if (large && code === (EntryCode.List | LARGE)) {
      this.#at = this.#largeList(keyEnd, end, depth);
      return;
    }
    const length = large ? u32At(bytes, keyEnd) : u16At(bytes, keyEnd);
    if (length > end - valueStart) throw this.#tooLong('value', length, end - valueStart, keyEnd);
    this.#value(large ? code - LARGE : code, at, keyEnd, valueStart, valueStart + length, depth);
    this.#at = valueStart + length;
  }

  /** Type 0x83: the value is a long list, whose u32 length is that of the value. */
  #largeList(keyEnd: number, end: number, depth: number): number {
    if (u32At(this.bytes, keyEnd) <= SHORT_MAX) {
      throw this.#wrongLength('a large nested list (type 0x83) is too short for its type', keyEnd);
    }
    return this.long(keyEnd, end, depth + 1);
  }

  #value(code: number, at: number, keyEnd: number, start: number, end: number, depth: number): void {
    switch (code) {
      case EntryCode.String:
      case EntryCode.Binary:
        return;
      case EntryCode.Int:
        if (end - start !== 4) throw this.#wrongEntry(`int of ${end - start} bytes; expected 4 bytes`, keyEnd);
        return;
      case EntryCode.Utf16:
        if ((end - start) % 2 !== 0) throw this.#wrongEntry(`UTF-16 string with an odd ${end - start} bytes`, keyEnd);
        return;
      case EntryCode.List: {
        const listEnd = this.short(start, end, depth + 1);
        if (listEnd !== end) throw this.#leftover(end - listEnd, 'a nested list', listEnd);
        return;
      }
      default:
        throw this.#wrongEntry(`unknown entry type 0x${this.bytes.toString('hex', at, at + 1)}`, at);
    }
  }

  #truncated(what: string, needed: number, left: number, at: number): WireError {
    return this.#error('ESP_WIRE_TRUNCATED', `truncated ${what}: expected ${needed} bytes, got ${left} bytes`, at);
  }

  #tooLong(what: string, length: number, left: number, at: number): WireError {
    return this.#wrongLength(`${what} of ${length} bytes does not fit in ${left} bytes`, at);
  }

  #wrongLength(problem: string, at: number): WireError {
    return this.#error('ESP_WIRE_LENGTH', problem, at);
  }

  #leftover(bytes: number, what: string, at: number): WireError {
    return this.#error('ESP_WIRE_LEFTOVER', `${bytes} bytes left over after ${what}`, at);
  }

  #wrongEntry(problem: string, at: number): WireError {
    return this.#error('ESP_WIRE_ENTRY', problem, at);
  }

  #error(code: WireErrorCode, problem: string, at: number): WireError {
    return new WireError(code, problem, at - this.origin);
  }
}
