import { z } from 'zod';
import {
  isPlainObject,
  type KeyValueEntry,
  KeyValueList,
  ListError,
  notPlain,
  type PlainValues,
} from '../esp/index.js';
import { PluginDefinitionError } from './errors.js';
import { once, unwrap } from './parameters.js';

/** What a value of a response may not be: its kind in a key-value list does not exist. */
type Misfit =
  | boolean
  | bigint
  | symbol
  | null
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...given: never[]) => unknown);

type Value = string | number | Uint8Array | KeyValueList | undefined;

type Held<T> = unknown extends T
  ? T
  : T extends Value
    ? T
    : T extends Misfit
      ? never
      : T extends readonly (infer E)[]
        ? readonly Held<E>[]
        : T extends object
          ? { [K in keyof T]: Held<T[K]> }
          : never;

type MisfitKeys<T> = { [K in keyof T as T[K] extends Held<T[K]> ? never : K]: 'does not fit a key-value list' };

/** Any type for a schema whose output fits a key-value list, else one that names the keys that do not. */
export type FitsList<R extends z.ZodType> = z.output<R> extends Held<z.output<R>> ? unknown : MisfitKeys<z.output<R>>;

interface Refusal {
  readonly what: string;
  /** What to write in its place. */
  readonly write: string;
}

/** By zod's name of the type. */
const REFUSED: Readonly<Record<string, Refusal>> = {
  boolean: { what: 'a boolean', write: "z.enum(['true', 'false'])" },
  date: { what: 'a Date', write: 'z.iso.datetime()' },
  nullable: { what: 'null', write: 'optional() in place of nullable()' },
  null: { what: 'null', write: 'optional()' },
  bigint: { what: 'a bigint', write: 'z.string()' },
  map: { what: 'a Map', write: 'z.record()' },
  set: { what: 'a Set', write: 'z.array()' },
  nan: { what: 'NaN', write: 'z.string()' },
  symbol: { what: 'a symbol', write: 'z.string()' },
  function: { what: 'a function', write: 'z.string()' },
  promise: { what: 'a promise', write: 'the schema of its value' },
  file: { what: 'a File', write: 'z.instanceof(Uint8Array)' },
};
const FRACTION: Refusal = { what: 'a number with a fraction', write: 'z.int() or z.string()' };
const NESTED_ARRAY: Refusal = { what: 'an array in an array', write: 'z.array(z.object())' };

/** @throws PluginDefinitionError that names a key of the response that a key-value list cannot hold, and what to write instead */
export function checkResponseSchema(method: string, response: z.ZodType): void {
  const seen = new Set<z.core.$ZodType>();
  const check = (schema: z.core.$ZodType, key: string): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const refusal = refusalOf(def, schema);
    if (refusal !== undefined) throw new PluginDefinitionError(`@EspMethod ${method}: ${refusalText(key, refusal)}`);
    for (const [part, name] of outputParts(def)) check(part, [key, name].filter((one) => one !== '').join('.'));
  };
  check(response, '');
}

const refusalText = (key: string, { what, write }: Refusal): string =>
  `${key === '' ? 'the response' : `response key ${key}`}: a key-value list cannot hold ${what}; write ${write}`;

type Def = z.core.$ZodTypes['_zod']['def'];

function refusalOf(def: Def, schema: z.core.$ZodType): Refusal | undefined {
  if (def.type === 'number') return schema instanceof z.ZodNumber && schema.isInt ? undefined : FRACTION;
  if (def.type === 'array') return unwrap(def.element as z.ZodType) instanceof z.ZodArray ? NESTED_ARRAY : undefined;
  if (def.type === 'literal') return def.values.map(literalRefusal).find((refusal) => refusal !== undefined);
  return REFUSED[def.type];
}

function literalRefusal(value: z.core.util.Literal): Refusal | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? undefined : FRACTION;
  return REFUSED[value === null ? 'null' : typeof value];
}

/** The schemas of what goes out, each with its key, if it has one. A transform's output is known only when it runs. */
function outputParts(def: Def): (readonly [part: z.core.$ZodType, key: string])[] {
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).map(([key, field]) => [field, key] as const);
      return def.catchall === undefined ? fields : [...fields, [def.catchall, '*']];
    }
    case 'record':
      return [[def.valueType, '*']];
    case 'array':
      return [[def.element, '']];
    case 'tuple':
      return [...def.items, ...(def.rest === null ? [] : [def.rest])].map((item) => [item, '']);
    case 'union':
      return def.options.map((option) => [option, '']);
    case 'intersection':
      return [
        [def.left, ''],
        [def.right, ''],
      ];
    case 'optional':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
      return [[def.innerType, '']];
    case 'lazy':
      return [[def.getter(), '']];
    case 'pipe':
      return [[def.out, '']];
    default:
      return [];
  }
}

/** A response's schema that lets through keys that it does not name, unless it is strict. */
export const withOtherKeys = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.loose() : schema;

/** Lays a method's results out as a list. @throws TypeError, ListError if they do not fit the schema, or a list */
export type ResultWriter = (result: PlainValues | KeyValueList, text: 'str' | 'utf16') => KeyValueList;

/** Writes what the schema makes of the results (defaults, transforms), with strings of the kind of the request's. */
export function resultWriter(response: z.ZodType): ResultWriter {
  const schema = withOtherKeys(response);
  const checkPlain = plainCheck(response);
  const keys = textKeys(response);
  return (result, text) => {
    if (result instanceof KeyValueList) return result;
    const texts = keys === undefined ? undefined : textsOf(result, keys, text);
    if (texts !== undefined) return texts;
    checkPlain?.(result, '');
    const checked = schema.safeParse(result);
    if (checked.success) return KeyValueList.from(checked.data as PlainValues, text);
    throw new TypeError(`the response does not fit its schema: ${z.prettifyError(checked.error)}`);
  };
}

/**
 * The keys of a schema of required strings without checks: zod would only copy such results, which takes as long as finding
 * and running a method. Undefined for other schemas.
 */
function textKeys(schema: z.ZodType): readonly string[] | undefined {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined || hasChecks(schema)) return undefined;
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
  return fields.every(([, field]) => isText(field)) ? fields.map(([key]) => key) : undefined;
}

const isText = (field: z.ZodType): boolean =>
  field instanceof z.ZodString && field.format === null && field.def.coerce !== true && !hasChecks(field);

const hasChecks = ({ def }: z.ZodType): boolean => def.checks !== undefined && def.checks.length > 0;

/** The list of results that are exactly these strings, in the order of the schema. Undefined for others, which zod judges. */
function textsOf(result: PlainValues, keys: readonly string[], type: 'str' | 'utf16'): KeyValueList | undefined {
  if (typeof result !== 'object' || !isPlainObject(result)) return undefined;
  let others = -keys.length;
  for (const _ in result) others++;
  if (others !== 0) return undefined;
  const entries: KeyValueEntry[] = [];
  for (const key of keys) {
    const value = result[key];
    if (typeof value !== 'string') return undefined;
    entries.push({ key, type, value });
  }
  return new KeyValueList(entries);
}

/** @throws ListError that names the key */
type PlainCheck = (value: unknown, key: string) => void;

const checks = new WeakMap<z.ZodType, PlainCheck | undefined>();

/**
 * Refuses what is not a plain object where the schema has an object: zod would copy a Date as an empty object. Undefined
 * for a schema without objects.
 */
function plainCheck(schema: z.ZodType): PlainCheck | undefined {
  if (!checks.has(schema)) checks.set(schema, newPlainCheck(unwrap(schema)));
  return checks.get(schema);
}

function newPlainCheck(schema: z.ZodType): PlainCheck | undefined {
  if (schema instanceof z.ZodObject) return objectCheck(schema);
  if (schema instanceof z.ZodArray) {
    const check = once(() => plainCheck(schema.element as z.ZodType));
    return (value, key) => {
      if (Array.isArray(value)) for (const one of value) check()?.(one, key);
    };
  }
  if (schema instanceof z.ZodUnion) {
    const isObject = (option: unknown): boolean => unwrap(option as z.ZodType) instanceof z.ZodObject;
    return schema.options.every(isObject) ? mustBePlain : undefined;
  }
  return undefined;
}

function objectCheck(schema: z.ZodObject): PlainCheck {
  const fields = once(() =>
    Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
      const check = plainCheck(field);
      return check === undefined ? [] : [{ name, check }];
    }),
  );
  return (value, key) => {
    mustBePlain(value, key);
    const all = fields();
    if (all.length === 0) return;
    for (const { name, check } of all) {
      check((value as Record<string, unknown> | undefined)?.[name], key === '' ? name : `${key}.${name}`);
    }
  };
}

function mustBePlain(value: unknown, key: string): void {
  if (typeof value !== 'object' || value === null || isPlainObject(value) || Array.isArray(value)) return;
  throw new ListError('ESP_LIST_VALUE', `${key === '' ? 'the response' : key}: ${notPlain(value)}`);
}
