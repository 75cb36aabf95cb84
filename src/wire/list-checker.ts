import { EntryCode, LARGE, SHORT_MAX } from './constants.js';
import { u16At, u32At } from './integers.js';
import { WireError } from './wire-error.js';

/** The smallest entry: type, key length, value length. What a count claims is believed only up to this. */
const ENTRY_MIN = 5;

export interface ListLimits {
  /** Deepest nesting; the outermost list is 1. */
  readonly listDepth: number;
  /** Most entries of all the lists of a message together. */
  readonly listEntries: number;
}

/**
 * Checks that the key-value lists of one message are well formed, every entry and nested list of them, and reads none
 * of their keys and values. Offsets in its errors count from `origin`. @throws WireError
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
    if (end - start < 4) throw this.#error(`a short list needs 4 bytes and has ${end - start}`, start);
    const length = u16At(this.bytes, start);
    if (length < 4) throw this.#error(`short list length ${length} is below 4`, start);
    if (length > end - start) throw this.#error(`short list of ${length} bytes in a place of ${end - start}`, start);
    return this.#list(u16At(this.bytes, start + 2), start + 4, start + length, depth, false);
  }

  /**
   * A long list ('B'): u32 length of what follows, count (u16 where the length fits 16 bits, else u32), entries.
   * @returns where it ends
   */
  long(start: number, end: number, depth = 1): number {
    if (end - start < 6) throw this.#error(`a long list needs 6 bytes and has ${end - start}`, start);
    const length = u32At(this.bytes, start);
    if (length > end - start - 4) {
      throw this.#error(`long list of ${length} bytes in a place of ${end - start - 4}`, start);
    }
    if (length <= SHORT_MAX) {
      if (length < 2) throw this.#error(`long list length ${length} is below 2`, start);
      return this.#list(u16At(this.bytes, start + 4), start + 6, start + 4 + length, depth, true);
    }
    return this.#list(u32At(this.bytes, start + 4), start + 8, start + 4 + length, depth, true);
  }

  #list(count: number, start: number, end: number, depth: number, long: boolean): number {
    if (depth > this.limits.listDepth) throw this.#error(`lists nested over ${this.limits.listDepth} deep`, start);
    if (count * ENTRY_MIN > end - start) {
      throw this.#error(`a list claims ${count} entries in ${end - start} bytes`, start);
    }
    this.#entries += count;
    if (this.#entries > this.limits.listEntries) {
      throw this.#error(`more than ${this.limits.listEntries} list entries in one message`, start);
    }
    this.#at = start;
    for (let left = count; left > 0; left--) this.#entry(end, depth, long);
    if (this.#at !== end) throw this.#error(`${end - this.#at} bytes left over behind the list's entries`, this.#at);
    return end;
  }

  /** Checks the entry at `#at`, and moves on behind it. */
  #entry(end: number, depth: number, long: boolean): void {
    const { bytes } = this;
    const at = this.#at;
    if (end - at < ENTRY_MIN) throw this.#error(`a list entry needs ${ENTRY_MIN} bytes and ${end - at} are left`, at);
    const code = bytes[at] as number;
    const keyEnd = at + 3 + u16At(bytes, at + 1);
    if (keyEnd + 2 > end) throw this.#error(`a key of ${keyEnd - at - 3} bytes runs past the list's end`, at + 1);
    const large = long && code >= LARGE;
    const valueStart = keyEnd + (large ? 4 : 2);
    if (valueStart > end) throw this.#error("a value's length runs past the list's end", keyEnd);
    if (large && code === (EntryCode.List | LARGE)) {
      this.#at = this.#largeList(keyEnd, end, depth);
      return;
    }
    const length = large ? u32At(bytes, keyEnd) : u16At(bytes, keyEnd);
    if (length > end - valueStart) {
      throw this.#error(`a value of ${length} bytes runs past the list's end (${end - valueStart} are left)`, keyEnd);
    }
    this.#value(large ? code - LARGE : code, at, keyEnd, valueStart, valueStart + length, depth);
    this.#at = valueStart + length;
  }

  /** Type 0x83: the value is a long list with its own u32 length in the place of the value's. */
  #largeList(keyEnd: number, end: number, depth: number): number {
    if (u32At(this.bytes, keyEnd) <= SHORT_MAX) {
      throw this.#error('a large nested list (type 0x83) is never this short', keyEnd);
    }
    return this.long(keyEnd, end, depth + 1);
  }

  #value(code: number, at: number, keyEnd: number, start: number, end: number, depth: number): void {
    switch (code) {
      case EntryCode.String:
      case EntryCode.Binary:
        return;
      case EntryCode.Int:
        if (end - start !== 4) throw this.#error(`an int of ${end - start} bytes; an int has 4`, keyEnd);
        return;
      case EntryCode.Utf16:
        if ((end - start) % 2 !== 0) throw this.#error(`UTF-16 of ${end - start} bytes; it has an even number`, keyEnd);
        return;
      case EntryCode.List: {
        const listEnd = this.short(start, end, depth + 1);
        if (listEnd !== end) throw this.#error(`${end - listEnd} bytes left over behind a nested list`, listEnd);
        return;
      }
      default:
        throw this.#error(`unknown entry type 0x${this.bytes.toString('hex', at, at + 1)}`, at);
    }
  }

  #error(problem: string, at: number): WireError {
    return new WireError(problem, at - this.origin);
  }
}
