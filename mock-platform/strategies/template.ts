import { type DataValue, type DataValues, lookUp, textOf } from './values.js';

/** `{{Name}}` or `{{contact.Id}}`: a value of the interaction's data within a text. */
const TEMPLATE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** The names in the templates of a text. */
export const templateNames = (text: string): string[] => [...text.matchAll(TEMPLATE)].map(([, name = '']) => name);

/** Whether there are double braces that are no template. */
export const hasBrokenTemplate = (text: string): boolean => /\{\{|\}\}/.test(text.replaceAll(TEMPLATE, ''));

/** Puts the data in. A text that is one template alone keeps the value's kind; what is not there is the empty text. */
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
