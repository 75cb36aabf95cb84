import { type KeyValueEntry, type KeyValueList, textOf } from '#wire';

/** The first value at a path such as `Customer.Address.City`. Keys with dots (`tkv.multibytes`) take precedence. */
export function valueAt(list: KeyValueList, path: string): KeyValueEntry | undefined {
  const whole = list.find(path);
  if (whole !== undefined) return whole;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const outer = list.find(path.slice(0, dot));
    const inner = outer?.type === 'list' ? valueAt(outer.value, path.slice(dot + 1)) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The text of a string or an int. Undefined for bytes and lists. */
export const textIn = (entry: KeyValueEntry): string | undefined =>
  entry.type === 'int' ? String(entry.value) : textOf(entry);
