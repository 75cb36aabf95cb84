import type { FieldReference } from './fields.js';

/** The type of a field, taken apart. */
interface Alternatives {
  /** `string`, `int`, `list`, `binary`, `any`. */
  readonly kinds: ReadonlySet<string>;
  /** The texts that it may be. */
  readonly values: ReadonlySet<string>;
}

/** Takes apart the text that `fieldsOf` writes. */
function alternatives(type: string): Alternatives {
  const kinds = new Set<string>();
  const values = new Set<string>();
  for (const one of type.split(' or ')) {
    if (one.startsWith('one of ')) for (const value of one.slice('one of '.length).split(', ')) values.add(value);
    else if (/^'.*'$/s.test(one)) values.add(one.slice(1, -1));
    else kinds.add(one);
  }
  return { kinds, values };
}

/** The alternatives of a type that another one does not have. */
export function notIn(type: string, other: string): string[] {
  const [given, known] = [alternatives(type), alternatives(other)];
  if (known.kinds.has('any')) return [];
  const kinds = [...given.kinds].filter((kind) => !known.kinds.has(kind));
  const values = known.kinds.has('string') ? [] : [...given.values].filter((value) => !known.values.has(value));
  return [...kinds, ...values.map((value) => `'${value}'`)];
}

/** Whether two types differ only in the texts that are allowed. */
export function differInValues(type: string, other: string): boolean {
  const [one, two] = [alternatives(type), alternatives(other)];
  const hasValues = one.values.size > 0 && two.values.size > 0;
  return hasValues && [...one.kinds].toSorted().join() === [...two.kinds].toSorted().join();
}

/** Whether a field takes a value of a strategy: a text, an integer or a mapping. */
export function takes({ type }: FieldReference, value: unknown): boolean {
  const { kinds, values } = alternatives(type);
  if (kinds.has('any')) return true;
  if (typeof value === 'object') return kinds.has('list');
  const text = String(value);
  if (values.has(text) || (kinds.has('int') && /^[+-]?\d+$/.test(text))) return true;
  return typeof value === 'string' && kinds.has('string');
}
