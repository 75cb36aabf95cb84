import type { FrameRange } from '../api/types.js';

/** The fields that begin an attribute or an entry. */
const STARTS = ['attribute id', 'entry type'];

/** The role of a field, for its colour. */
export type Role = 'key' | 'value' | 'name' | 'unknown' | 'structure';

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['key', 'key'],
  ['value', 'value'],
  ['message id', 'name'],
  ['attribute id', 'name'],
  ['not understood', 'unknown'],
]);

export const roleOf = (field: FrameRange | undefined): Role => ROLES.get(field?.label ?? '') ?? 'structure';

/** The bytes of a frame, and the field of each. */
export class HexFrame {
  /** Fields in the order of their first byte, parents first. */
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

  /** `7f`; empty past the end. */
  byte(offset: number): string {
    return this.hex.slice(2 * offset, 2 * offset + 2);
  }

  /** The byte as a character, or a dot if it is not printable. */
  character(offset: number): string {
    const code = Number.parseInt(this.byte(offset), 16);
    return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
  }

  rows(bytesPerRow: number): number {
    return Math.ceil(this.length / bytesPerRow);
  }

  /** The index of the innermost field of a byte; -1: none. */
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

  /** The keys of a field's lists, outermost first, and its own: `Request`, `Parameters`, `Id`. */
  namesOf(field: number): readonly string[] {
    const names: string[] = [];
    let depth = this.fields[field]?.depth ?? 0;
    for (let index = field; index >= 0 && depth > 0; index--) {
      const range = this.fields[index];
      if (range?.depth !== depth || !STARTS.includes(range.label)) continue;
      names.unshift(range.label === 'attribute id' ? String(range.value) : this.#keyAfter(index, depth));
      depth--;
    }
    return names;
  }

  #keyAfter(start: number, depth: number): string {
    for (let index = start + 1; index < this.fields.length; index++) {
      const range = this.fields[index];
      if (range === undefined || range.depth < depth) break;
      if (range.depth === depth && range.label === 'key') return String(range.value);
    }
    return '?';
  }

  contains(field: number, offset: number): boolean {
    const { start = 0, end = 0 } = this.fields[field] ?? {};
    return offset >= start && offset < end;
  }

  /** The bytes of a row in runs that look the same: of one field, and all selected or not. */
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
  /** Index in `fields`; -1: none. */
  readonly field: number;
  readonly selected: boolean;
}

/** `0001a0`, with the digits of the last offset, at least four. */
export const offsetText = (offset: number, length: number): string =>
  offset.toString(16).padStart(Math.max(4, length.toString(16).length), '0');
