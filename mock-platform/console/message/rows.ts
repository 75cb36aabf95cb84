import type { EntryType, JsonEntry, JsonKey } from '../api/types.js';
import { FormError, integerOf } from '../form/values.js';

export const TYPES: readonly EntryType[] = ['str', 'utf16', 'int', 'bin', 'strx', 'list'];

/** An entry as typed into the editor. */
export interface EditRow {
  /** Identifies the row in the editor. */
  readonly id: number;
  readonly key: JsonKey;
  readonly type: EntryType;
  readonly text: string;
  readonly rows: readonly EditRow[];
}

/** Begins after the ids of rows that an earlier page kept. */
let lastId = Date.now();

export function newRow(type: EntryType = 'str'): EditRow {
  lastId++;
  return { id: lastId, key: '', type, text: '', rows: [] };
}

export const toRows = (entries: readonly JsonEntry[]): readonly EditRow[] =>
  entries.map(([key, type, value]) => {
    const row = { ...newRow(type), key };
    return typeof value === 'object' ? { ...row, rows: toRows(value) } : { ...row, text: String(value) };
  });

/** The rows as a list; rows without a key and a value are skipped. @throws FormError that names the row */
export const fromRows = (rows: readonly EditRow[], at = ''): readonly JsonEntry[] =>
  rows.filter(isFilled).map((row) => [row.key, row.type, rowValue(row, `${at}${nameOf(row)}`)]);

const isFilled = ({ key, text, rows }: EditRow): boolean => key !== '' || text !== '' || rows.length > 0;

const nameOf = ({ key }: EditRow): string => (typeof key === 'string' ? key || '(no key)' : `0x${key.hex}`);

function rowValue({ type, text, rows }: EditRow, at: string): string | number | readonly JsonEntry[] {
  if (type === 'list') return fromRows(rows, `${at}.`);
  if (type === 'int') return integerOf(text, at);
  if (type !== 'bin' && type !== 'strx') return text;
  const hex = text.replaceAll(/\s/g, '').toLowerCase();
  if (/^([0-9a-f]{2})*$/.test(hex)) return hex;
  throw new FormError(`${at}: '${text}' is not hex (two digits 0-9, a-f per byte)`);
}
