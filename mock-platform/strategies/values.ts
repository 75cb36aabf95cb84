import { type KeyValueEntry, type KeyValueList, textOf as textOfEntry } from 'esp-host/wire';

/** What interaction data, parameters and replies hold: a text, a whole number of 32 bits, or a list by name. */
export type DataValue = string | number | DataValues;
/** The data of a strategy by name. */
export interface DataValues {
  readonly [name: string]: DataValue;
}

/** A list as a strategy sees it: the first value of each key, whichever kind of string it is; bytes in hex. */
export function valuesOf(list: KeyValueList): DataValues {
  const values = new Map<string, DataValue>();
  for (const entry of list.entries) if (!values.has(entry.key)) values.set(entry.key, fromEntry(entry));
  return Object.fromEntries(values);
}

function fromEntry(entry: KeyValueEntry): DataValue {
  if (entry.type === 'int') return entry.value;
  if (entry.type === 'list') return valuesOf(entry.value);
  return textOfEntry(entry) ?? Buffer.from(entry.type === 'bin' ? entry.value : []).toString('hex');
}

/** The value of a name, or of one within lists: `contact.Id`. */
export function lookUp(values: DataValues, name: string): DataValue | undefined {
  return own(values, name) ?? name.split('.').reduce<DataValue | undefined>(own, values);
}

const own = (value: DataValue | undefined, name: string): DataValue | undefined =>
  typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined;

/** As strategies compare values: a number is its digits, what is not there and an empty list are the empty text. */
export function textOf(value: DataValue | undefined): string {
  if (typeof value !== 'object') return String(value ?? '');
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}
