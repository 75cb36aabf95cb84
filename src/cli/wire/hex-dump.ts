import { DumpError } from '../errors.js';
import { MESSAGE_BYTES } from '../options.js';

/** A line of a hex dump: its offset and its bytes. */
export interface DumpLine {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** The bytes of a dump that starts at offset 0: a file or a packet. */
export interface DumpBlock {
  readonly bytes: Buffer;
  /** Its first line, counted from 1. */
  readonly line: number;
}

/** `0x0010:  4500 003c ...  E..<` of tcpdump, `00000010: 4500 003c ...  E..<` of xxd. */
const WITH_COLON = /^(?:0x)?([0-9a-f]{4,16}):\s+(\S.*)$/i;

/** `0010   45 00 00 3c ...   E..<` of Wireshark, `00000010  45 00 ... 3c  00 11 ...  |E..<|` of hexdump -C. */
const WITHOUT_COLON = /^([0-9a-f]{4,16})\s{2,}(\S.*)$/i;

/** Undefined if the line is not part of a dump. */
export function dumpLine(text: string): DumpLine | undefined {
  const line = text.trim();
  const [, offset, rest] = WITH_COLON.exec(line) ?? [];
  if (offset !== undefined && rest !== undefined) return dumped(offset, groups(rest));
  const [, at, columns] = WITHOUT_COLON.exec(line) ?? [];
  return at === undefined || columns === undefined ? undefined : dumped(at, pairs(columns));
}

function dumped(offset: string, hex: string | undefined): DumpLine | undefined {
  if (hex === undefined) return undefined;
  return { offset: Number.parseInt(offset, 16), bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex') };
}

/** Groups of bytes, separated by single spaces; text follows after two spaces. */
const groups = (rest: string): string | undefined =>
  /^((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2})+)*)(?=\s{2}|$)/i.exec(rest)?.[1];

/** Up to 16 bytes, with or without a wider gap after the eighth. */
function pairs(columns: string): string | undefined {
  const [first] = /^[0-9a-f]{2}(?: [0-9a-f]{2}){0,15}(?=\s{2}|$)/i.exec(columns) ?? [];
  if (first?.length !== 8 * 3 - 1) return first;
  const [second] = /^ {2}[0-9a-f]{2}(?: [0-9a-f]{2}){0,7}(?=\s{2}|$)/i.exec(columns.slice(first.length)) ?? [];
  return second === undefined ? first : `${first}${second}`;
}

/** Assembles the lines of dumps to blocks. */
export class DumpBlocks {
  #parts: Buffer[] = [];
  #length = 0;
  #line = 0;
  #repeats = false;
  /** A line was missing, so the rest of the block is skipped. */
  #lost = false;

  get begun(): boolean {
    return this.#open || this.#lost;
  }

  /**
   * Adds a line of a dump. @returns the previous block, if the line starts a new one
   * @throws DumpError if the line does not continue the block, whose rest is then skipped
   */
  add({ offset, bytes }: DumpLine, line: number): DumpBlock | undefined {
    if (this.#lost && offset !== 0) return undefined;
    const before = offset === 0 ? this.take() : undefined;
    if (!this.#open) this.#line = line;
    if (this.#repeats) this.#repeat(offset);
    if (offset !== this.#length) {
      const expected = this.#length;
      this.take();
      this.#lost = true;
      throw new DumpError(`a line of the dump is missing: expected offset ${hex(expected)}, found ${hex(offset)}`);
    }
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return before;
  }

  /** Whether the line is a mark within a dump: `*` for repeated lines, or the final offset. */
  mark(text: string): boolean {
    const line = text.trim();
    const isOffset = /^[0-9a-f]{7,8}$/i.test(line);
    if (!this.#open) return this.#lost && (isOffset || line === '*');
    if (line !== '*') return isOffset && this.#isEnd(Number.parseInt(line, 16));
    this.#repeats = true;
    return true;
  }

  /** Ends the current block. */
  take(): DumpBlock | undefined {
    const block = this.#open ? { bytes: Buffer.concat(this.#parts), line: this.#line } : undefined;
    this.#parts = [];
    this.#length = 0;
    this.#repeats = false;
    this.#lost = false;
    return block;
  }

  get #open(): boolean {
    return this.#parts.length > 0;
  }

  #isEnd(offset: number): boolean {
    if (this.#repeats) this.#repeat(offset);
    return offset === this.#length;
  }

  /** Repeats the last line up to `offset`. */
  #repeat(offset: number): void {
    this.#repeats = false;
    const last = this.#parts.at(-1) as Buffer;
    const missing = offset - this.#length;
    if (missing <= 0 || missing % last.length !== 0 || missing > MESSAGE_BYTES) return;
    this.#parts.push(Buffer.alloc(missing, last));
    this.#length = offset;
  }
}

const hex = (offset: number): string => offset.toString(16).padStart(4, '0');
