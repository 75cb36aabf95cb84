import type { JsonEntry } from '../api/types.js';
import type { Field } from './schema.js';

/** A typed value; undefined: the field is omitted. */
export type FormValue = string | readonly FormValue[] | FormValues | undefined;
export type FormValues = { readonly [name: string]: FormValue };

/** A value that its field doesn't accept; the message names the field. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

export const isGroup = (value: FormValue): value is FormValues => typeof value === 'object' && !Array.isArray(value);

export const isList = (value: FormValue): value is readonly FormValue[] => Array.isArray(value);

/** `values` with another value for `name`; undefined removes it. */
export function withValue(values: FormValues, name: string, value: FormValue): FormValues {
  const { [name]: _, ...others } = values;
  return value === undefined ? others : { ...values, [name]: value };
}

/** Required fields that are omitted, such as `Address.City`. */
export function missing(fields: readonly Field[], values: FormValues, at = ''): readonly string[] {
  return fields.flatMap((field) => {
    const value = values[field.name];
    const path = `${at}${field.name}`;
    if (value === undefined) return field.required ? [path] : [];
    return field.kind === 'group' && isGroup(value) ? missing(field.fields, value, `${path}.`) : [];
  });
}

/** The values as an ESP list. @throws FormError */
export function toEntries(
  fields: readonly Field[],
  values: FormValues,
  text: 'str' | 'utf16' = 'str',
  at = '',
): readonly JsonEntry[] {
  return fields.flatMap((field) => {
    const value = values[field.name];
    return value === undefined ? [] : entriesOf(field, field.name, value, text, `${at}${field.name}`);
  });
}

function entriesOf(field: Field, key: string, value: FormValue, text: 'str' | 'utf16', at: string): JsonEntry[] {
  if (field.kind === 'repeat') {
    const items = isList(value) ? value : [value];
    return items.flatMap((item, index) =>
      item === undefined ? [] : entriesOf(field.item, key, item, text, `${at}[${index}]`),
    );
  }
  if (field.kind === 'group') {
    return [[key, 'list', toEntries(field.fields, isGroup(value) ? value : {}, text, `${at}.`)]];
  }
  const scalar = scalarOf(field, String(value), at);
  return [typeof scalar === 'number' && Number.isInteger(scalar) ? [key, 'int', scalar] : [key, text, String(scalar)]];
}

/** The values as JSON. @throws FormError */
export function toJson(fields: readonly Field[], values: FormValues, at = ''): Record<string, unknown> {
  const pairs = fields.flatMap((field) => {
    const value = values[field.name];
    return value === undefined ? [] : [[field.name, jsonOf(field, value, `${at}${field.name}`)]];
  });
  return Object.fromEntries(pairs);
}

function jsonOf(field: Field, value: FormValue, at: string): unknown {
  if (field.kind === 'repeat') {
    return (isList(value) ? value : [value]).map((item, index) => jsonOf(field.item, item ?? '', `${at}[${index}]`));
  }
  if (field.kind === 'group') return toJson(field.fields, isGroup(value) ? value : {}, `${at}.`);
  const text = String(value);
  if (field.kind === 'boolean') return text === 'true';
  return field.kind === 'any' ? anyOf(text) : scalarOf(field, text, at);
}

/** Parsed JSON, or the text itself. */
function anyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function scalarOf(field: Field, text: string, at: string): string | number {
  switch (field.kind) {
    case 'choice':
      return field.choices.find((choice) => String(choice) === text) ?? text;
    case 'integer':
      return integerOf(text, at);
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || !Number.isFinite(number)) throw new FormError(`${at}: '${text}' is not a number`);
      return number;
    }
    default:
      return text;
  }
}

/** @throws FormError unless the text is an int32 */
export function integerOf(text: string, at: string): number {
  const number = Number(text);
  if (/^\s*[+-]?\d+\s*$/.test(text) && number === (number | 0)) return number;
  throw new FormError(`${at}: '${text}' is not an int (-2147483648 to 2147483647)`);
}

/** An ESP list as values of a form, and the entries that don't fit the form, in order. */
export function fromEntries(
  fields: readonly Field[],
  entries: readonly JsonEntry[],
): { values: FormValues; rest: readonly JsonEntry[] } {
  const values: Record<string, FormValue> = {};
  const rest: JsonEntry[] = [];
  for (const entry of entries) {
    const [key] = entry;
    const field = fields.find(({ name }) => name === key);
    const value = field && formValue(field.kind === 'repeat' ? field.item : field, entry);
    if (field === undefined || value === undefined) rest.push(entry);
    else if (field.kind === 'repeat') values[field.name] = [...((values[field.name] as FormValue[]) ?? []), value];
    else if (field.name in values) rest.push(entry);
    else values[field.name] = value;
  }
  return { values, rest };
}

/** Undefined if the field cannot hold the entry unchanged. */
function formValue(field: Field, [, type, value]: JsonEntry): FormValue {
  if (field.kind === 'group') {
    if (typeof value !== 'object') return undefined;
    const { values, rest } = fromEntries(field.fields, value);
    return rest.length === 0 ? values : undefined;
  }
  if (typeof value === 'object' || type === 'bin' || type === 'strx') return undefined;
  const wantsInt = field.kind === 'integer' || (field.kind === 'choice' && field.choices.includes(value));
  const fits = type === 'int' ? wantsInt && typeof value === 'number' : field.kind !== 'integer';
  return fits ? String(value) : undefined;
}
