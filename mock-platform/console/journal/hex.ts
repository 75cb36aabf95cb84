import type { FrameRange } from '../api/types.js';

/** The bytes of a frame, and which of its fields each belongs to. */
export class HexFrame {
  /** Fields in the order of their first byte, those that hold others before them. */
  readonly fields: readonly FrameRange[];

  constructor(
    readonly hex: string,
    ranges: readonly FrameRange[],
  ) {
    this.fields = ranges.toSorted((a, b) => a.start - b.start || a.depth - b.depth);
  }

  get length(): number {
    return this.hex.length >> 1;
  }

  /** `7f`; empty behind the end. */
  byte(offset: number): string {
    return this.hex.slice(2 * offset, 2 * offset + 2);
  }

  /** The byte as a character, a dot where it is none that prints. */
  character(offset: number): string {
    const code = Number.parseInt(this.byte(offset), 16);
    return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
  }

  rows(bytesPerRow: number): number {
    return Math.ceil(this.length / bytesPerRow);
  }

  /** The innermost field of a byte: its place in `fields`; -1: it is in none. */
  fieldAt(offset: number): number {
    let [low, high] = [0, this.fields.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.fields[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index--) {
      const { start = 0, end = 0 } = this.fields[index] ?? {};
      if (offset >= start && offset < end) return index;
    }
    return -1;
  }

  /** A field and those that it lies in, the outermost first: `Request › Parameters › Id › Value`. */
  pathOf(field: number): readonly FrameRange[] {
    const path: FrameRange[] = [];
    for (let index = field; index >= 0; index--) {
      const range = this.fields[index];
      const [inner] = path;
      const holds =
        range !== undefined && (inner === undefined || (range.depth < inner.depth && range.end >= inner.end));
      if (holds) path.unshift(range);
      if (range?.depth === 0 && holds) break;
    }
    return path;
  }

  contains(field: number, offset: number): boolean {
    const { start = 0, end = 0 } = this.fields[field] ?? {};
    return offset >= start && offset < end;
  }

  /** The bytes of a row in runs that belong to one field and are all selected, or not: what is drawn alike. */
  runs(row: number, bytesPerRow: number, selected: number): readonly HexRun[] {
    const runs: { offset: number; length: number; field: number; selected: boolean }[] = [];
    const end = Math.min(this.length, (row + 1) * bytesPerRow);
    for (let offset = row * bytesPerRow; offset < end; offset++) {
      const field = this.fieldAt(offset);
      const isSelected = this.contains(selected, offset);
      const last = runs.at(-1);
      if (last?.field === field && last.selected === isSelected) last.length++;
      else runs.push({ offset, length: 1, field, selected: isSelected });
    }
    return runs;
  }
}

export interface HexRun {
  readonly offset: number;
  readonly length: number;
  /** Place in `fields`; -1: none. */
  readonly field: number;
  readonly selected: boolean;
}

/** `0001a0`, as many digits as the last offset needs, at least four. */
export const offsetText = (offset: number, length: number): string =>
  offset.toString(16).padStart(Math.max(4, length.toString(16).length), '0');
