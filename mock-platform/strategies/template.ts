import { type DataValue, type DataValues, lookUp, textOf } from './values.js';

/** A reference to the interaction's data: `{{Name}}` or `{{account.Balance}}`. */
const TEMPLATE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** The names in the templates of a text. */
export const templateNames = (text: string): string[] => [...text.matchAll(TEMPLATE)].map(([, name = '']) => name);

/** Whether a text has double braces outside of templates. */
export const hasBrokenTemplate = (text: string): boolean => /\{\{|\}\}/.test(text.replaceAll(TEMPLATE, ''));

/** Fills templates. A single template keeps the type of its value. Missing values are empty strings. */
export function fill(text: string, data: DataValues): DataValue {
  const [whole] = text.matchAll(TEMPLATE);
  if (whole?.[0] === text) return lookUp(data, whole[1] ?? '') ?? '';
  return text.replaceAll(TEMPLATE, (_whole, name: string) => textOf(lookUp(data, name)));
}

export function fillAll(values: DataValues, data: DataValues): DataValues {
  const filled = (value: DataValue): DataValue => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? fill(value, data) : fillAll(value, data);
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, filled(value)]));
}
