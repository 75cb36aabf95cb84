import { type KeyValueEntry, type KeyValueList, textOf as textOfEntry } from '#wire';

/** A value in interaction data, parameters and replies: text, a 32-bit integer, or nested values. */
export type DataValue = string | number | DataValues;
/** Values by name. */
export interface DataValues {
  readonly [name: string]: DataValue;
}

/** Converts a key-value list: the first value of each key, with bytes as hex. */
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

/** The value of a name or a path such as `account.Balance`. */
export function lookUp(values: DataValues, name: string): DataValue | undefined {
  return own(values, name) ?? name.split('.').reduce<DataValue | undefined>(own, values);
}

const own = (value: DataValue | undefined, name: string): DataValue | undefined =>
  typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined;

/** The text of a value for comparisons. Missing values and empty lists are empty strings. */
export function textOf(value: DataValue | undefined): string {
  if (typeof value !== 'object') return String(value ?? '');
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}
