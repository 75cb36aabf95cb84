/** A line of a hex dump: the offset at its beginning, and its bytes. */
export interface DumpLine {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Bytes that were dumped together, from offset 0 on: a file, or a packet. */
export interface DumpBlock {
  readonly bytes: Buffer;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Lines of a dump that do not follow each other. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}

/** `0x0010:  4500 003c ...  E..<` of tcpdump, `00000010: 4500 003c ...  E..<` of xxd. */
const WITH_COLON = /^(?:0x)?([0-9a-f]{4,16}):\s+(\S.*)$/i;

/** `0010   45 00 00 3c ...   E..<` of Wireshark, `00000010  45 00 ... 3c  00 11 ...  |E..<|` of hexdump -C. */
const WITHOUT_COLON = /^([0-9a-f]{4,16})\s{2,}(\S.*)$/i;

/** Undefined for a line of no dump. */
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

/** Whole bytes with single spaces between them; what stands behind two spaces is text. */
const groups = (rest: string): string | undefined =>
  /^((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2})+)*)(?=\s{2}|$)/i.exec(rest)?.[1];

/** Up to 16 pairs of digits, with a wider gap behind the eighth or without. */
function pairs(columns: string): string | undefined {
  const [first] = /^[0-9a-f]{2}(?: [0-9a-f]{2}){0,15}(?=\s{2}|$)/i.exec(columns) ?? [];
  if (first?.length !== 8 * 3 - 1) return first;
  const [second] = /^ {2}[0-9a-f]{2}(?: [0-9a-f]{2}){0,7}(?=\s{2}|$)/i.exec(columns.slice(first.length)) ?? [];
  return second === undefined ? first : `${first}${second}`;
}

/** Puts the lines of a dump together to blocks. */
export class DumpBlocks {
  #parts: Buffer[] = [];
  #length = 0;
  #line = 0;
  #repeats = false;
  /** A line was missing: what follows belongs to nothing. */
  #lost = false;

  /** A dump has begun. */
  get begun(): boolean {
    return this.#open || this.#lost;
  }

  /**
   * Takes a line of a dump. @returns the block before, where the line begins another
   * @throws DumpError where the line does not follow the one before; the rest of its block is left out
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
      throw new DumpError(`a line of a dump is missing: offset ${hex(offset)} where ${hex(expected)} is next`);
    }
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return before;
  }

  /** Whether the line, within a dump, is one of its marks: `*` for lines like the last, or the offset of the end. */
  mark(text: string): boolean {
    const line = text.trim();
    const isOffset = /^[0-9a-f]{7,8}$/i.test(line);
    if (!this.#open) return this.#lost && (isOffset || line === '*');
    if (line !== '*') return isOffset && this.#isEnd(Number.parseInt(line, 16));
    this.#repeats = true;
    return true;
  }

  /** The block that was begun. */
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

  /** Fills up with the last line's bytes. */
  #repeat(offset: number): void {
    this.#repeats = false;
    const last = this.#parts.at(-1) as Buffer;
    const missing = offset - this.#length;
    if (missing <= 0 || missing % last.length !== 0 || missing > REPEATED_MAX) return;
    this.#parts.push(Buffer.alloc(missing, last));
    this.#length = offset;
  }
}

/** A `*` stands for no more bytes than this. */
const REPEATED_MAX = 256 << 20;

const hex = (offset: number): string => offset.toString(16).padStart(4, '0');
