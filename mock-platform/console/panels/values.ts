import type { PanelAction } from '../api/types.js';
import type { Field } from '../form/schema.js';
import type { FormValue, FormValues } from '../form/values.js';

/** The state of a mock, or a row of a table. */
export type Data = Readonly<Record<string, unknown>>;

const MOST_CHARACTERS = 1000;

/** The rows of a table. A row that is no object becomes `{ value }`. */
export function rowsOf(state: Data, key: string): readonly Data[] {
  const rows = state[key];
  return Array.isArray(rows) ? rows.map((row) => (isObject(row) ? row : { value: row })) : [];
}

export const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value on one line, shortened; a dash for nothing. */
export function textOf(value: unknown): string {
  const text = Array.isArray(value) ? value.map(plainText).join(', ') : plainText(value);
  if (text === '') return '–';
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The rows that contain a text in any of these keys. Compares letters and digits only: `(631) 555` finds `+16315551002`. */
export function search(rows: readonly Data[], keys: readonly string[], text: string): readonly Data[] {
  const wanted = lettersAndDigits(text);
  if (wanted === '') return rows;
  return rows.filter((row) => keys.some((key) => lettersAndDigits(textOf(row[key])).includes(wanted)));
}

const lettersAndDigits = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Whether a call failed: an error status, or no response (`reset`, `hang`). */
export const isFailed = (status: unknown): boolean =>
  typeof status === 'number' ? status >= 400 : typeof status === 'string';

/** Whether the state has all fixed values of an action, of which there is at least one. */
export function isCurrent({ values }: PanelAction, state: Data): boolean {
  const fixed = Object.entries(values);
  return fixed.length > 0 && fixed.every(([name, value]) => state[name] === value);
}

/** Whether a row has an action. */
export const hasAction = ({ when }: PanelAction, row: Data): boolean =>
  Object.entries(when).every(([name, value]) => row[name] === value);

/** The values that a form starts with: those of the same names in the state or row. */
export function initialValues(fields: readonly Field[], source: Data): FormValues {
  const values = fields.flatMap((field) => {
    const value = initialValue(field, source[field.name]);
    return value === undefined ? [] : [[field.name, value]];
  });
  return Object.fromEntries(values);
}

function initialValue(field: Field, value: unknown): FormValue {
  if (field.kind === 'repeat') return Array.isArray(value) && value.every(isScalar) ? value.map(String) : undefined;
  return field.kind !== 'group' && isScalar(value) ? String(value) : undefined;
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** A request to the admin API. */
export interface ActionRequest {
  readonly method: string;
  /** Below /api. */
  readonly path: string;
  readonly body: Data | undefined;
}

/** The request of an action. Members that the path does not name go into the body. */
export function requestOf({ method, path, values, row }: PanelAction, source: Data, asked: Data): ActionRequest {
  const fromRow = Object.entries(row).map(([member, key]) => [member, source[key]]);
  const members: Data = { ...asked, ...values, ...Object.fromEntries(fromRow) };
  const inPath = new Set([...path.matchAll(PARAMETER)].map(([, name]) => name));
  const inBody = Object.entries(members).filter(([name]) => !inPath.has(name));
  return {
    method,
    path: path.replaceAll(PARAMETER, (_all, name: string) => encodeURIComponent(String(members[name] ?? ''))),
    body: inBody.length === 0 ? undefined : Object.fromEntries(inBody),
  };
}

const PARAMETER = /:(\w+)/g;
