import { type KeyValueEntry, type KeyValueList, textOf } from '../esp/index.js';

/** A list as a plain object: strings of every kind are strings, lists objects, a repeated key an array. */
export interface PlainResults {
  readonly [key: string]: PlainResult | readonly PlainResult[];
}
export type PlainResult = string | number | Uint8Array | PlainResults;

/** The plain object that a list reads as: what `KeyValueList.from` takes, backwards. */
export function plainOf(list: KeyValueList): PlainResults {
  const values = new Map<string, PlainResult[]>();
  for (const entry of list.entries) {
    const all = values.get(entry.key) ?? [];
    values.set(entry.key, all);
    all.push(plainValue(entry));
  }
  return Object.fromEntries([...values].map(([key, all]) => [key, all.length === 1 ? (all[0] as PlainResult) : all]));
}

const plainValue = (entry: KeyValueEntry): PlainResult =>
  entry.type === 'list' ? plainOf(entry.value) : (textOf(entry) ?? (entry.value as number | Uint8Array));
