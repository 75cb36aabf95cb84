import type { EntryType, JsonEntry } from '../api/types.js';
import { keyText, valueText } from './entries.js';

/** A line of a tree. */
export interface TreeRow {
  /** Its path: `0.3.1`. */
  readonly path: string;
  readonly depth: number;
  readonly key: string;
  readonly type: EntryType;
  /** The value or list itself. */
  readonly content: JsonEntry[2];
  /** Of a value other than a list: as shown. */
  readonly value?: string;
  /** Of a list: the number of entries, and whether it is expanded. */
  readonly children?: number;
  readonly open?: boolean;
  readonly position: number;
  readonly siblings: number;
}

/** The lines of a tree, at most `most`. All lists are expanded except those in `closed`. */
export function treeRows(
  list: readonly JsonEntry[],
  closed: ReadonlySet<string>,
  most = Number.POSITIVE_INFINITY,
): { rows: readonly TreeRow[]; more: boolean } {
  const rows: TreeRow[] = [];
  const add = (entries: readonly JsonEntry[], parent: string, depth: number): boolean =>
    entries.every((entry, index) => {
      if (rows.length >= most) return false;
      const row = rowOf(entry, `${parent}${index}`, depth, index, entries.length, closed);
      rows.push(row);
      return row.open !== true || add(entry[2] as readonly JsonEntry[], `${row.path}.`, depth + 1);
    });
  const whole = add(list, '', 1);
  return { rows, more: !whole };
}

function rowOf(
  [key, type, value]: JsonEntry,
  path: string,
  depth: number,
  index: number,
  siblings: number,
  closed: ReadonlySet<string>,
): TreeRow {
  const row = { path, depth, key: keyText(key), type, content: value, position: index + 1, siblings };
  if (typeof value !== 'object') return { ...row, value: valueText(type, value) };
  return { ...row, children: value.length, open: value.length > 0 && !closed.has(path) };
}

/** A value as text, bytes as hex; a list as JSON. */
export const copiedText = ({ content }: Pick<TreeRow, 'content'>): string =>
  typeof content === 'object' ? JSON.stringify(content) : String(content);

/** The path of the list around a line; undefined for the outermost. */
function parentPath(path: string): string | undefined {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? undefined : path.slice(0, dot);
}

/** The effect of a key in a tree. */
export type TreeMove = { readonly go: string } | { readonly open: string } | { readonly close: string } | undefined;

/** Arrow keys, Home and End as in the ARIA tree pattern; undefined for other keys. */
export function treeMove(rows: readonly TreeRow[], at: number, key: string): TreeMove {
  const row = rows[at];
  if (row === undefined) return undefined;
  const go = (index: number): TreeMove => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
    return target && { go: target.path };
  };
  switch (key) {
    case 'ArrowDown':
      return go(at + 1);
    case 'ArrowUp':
      return go(at - 1);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'ArrowRight':
      return row.open === false && row.children !== 0 ? { open: row.path } : row.open === true ? go(at + 1) : undefined;
    case 'ArrowLeft': {
      if (row.open === true) return { close: row.path };
      const parent = parentPath(row.path);
      return parent === undefined ? undefined : { go: parent };
    }
    default:
      return undefined;
  }
}
