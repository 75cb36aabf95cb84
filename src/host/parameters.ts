import { z } from 'zod';
import { IncorrectParameterError, intOf, type KeyValueEntry, type KeyValueList, textOf } from '../esp/index.js';

/**
 * Reads the parameters of a method from a list. Returns an IncorrectParameterError for the first that does not fit, as
 * throwing it would cost more than the rest of the fault.
 */
export type ParameterReader = (list: KeyValueList) => unknown;

/** Compiles the schema of a method: which keys to look for, and how to convert each value. */
export function parameterReader(schema: z.ZodType): ParameterReader {
  const plain = listReader(unwrap(schema)) ?? everything;
  return (list) => {
    const input = plain(list);
    // Like safeParse, but without its error, which takes longer than the rest of a fault.
    const context = { async: false };
    const result = schema._zod.run({ value: input, issues: [] }, context);
    if (result instanceof Promise) throw new z.core.$ZodAsyncError();
    const [issue] = result.issues;
    return issue === undefined ? result.value : incorrect(issue, context, input);
  };
}

type Convert = (entry: KeyValueEntry) => unknown;
type ListReader = (list: KeyValueList) => unknown;

/** One reader per schema, as a schema may contain itself. */
const readers = new WeakMap<z.ZodType, ListReader | undefined>();

/** How to convert a list for an object, record or union; undefined for a schema that accepts no list. */
function listReader(schema: z.ZodType): ListReader | undefined {
  if (!readers.has(schema)) readers.set(schema, newListReader(schema));
  return readers.get(schema);
}

/** The inside of a schema is compiled when the first list is read, as a recursive schema has no end. */
function newListReader(schema: z.ZodType): ListReader | undefined {
  if (schema instanceof z.ZodObject) return objectReader(once(() => fieldsOf(schema)));
  if (schema instanceof z.ZodRecord) {
    const convert = once(() => converter(schema.valueType as z.ZodType));
    return (list) => everything(list, convert());
  }
  return schema instanceof z.ZodUnion ? unionReader(schema) : undefined;
}

/** Reads each list once: the number of paths to it in a recursive schema doubles with every level. */
function unionReader(schema: z.ZodUnion): ListReader {
  const options = once(() => (schema.options as z.ZodType[]).map((option) => listReader(unwrap(option))));
  const known = new WeakMap<KeyValueList, unknown>();
  return (list) => {
    if (!known.has(list)) {
      known.set(list, fitting(schema, [everything(list), ...options().map((read) => read?.(list)), list]));
    }
    return known.get(list);
  };
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

interface Field {
  readonly key: string;
  readonly many: boolean;
  readonly convert: Convert;
}

const fieldsOf = (schema: z.ZodObject): Field[] =>
  Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => fieldOf(key, field));

/** Reads a plain object with the keys of the schema. */
function objectReader(fields: () => Field[]): ListReader {
  return (list) => {
    const input: Record<string, unknown> = {};
    for (const { key, many, convert } of fields()) {
      if (many) {
        const all = list.all(key);
        if (all.length > 0) input[key] = all.map(convert);
      } else {
        const entry = list.find(key);
        if (entry !== undefined) input[key] = convert(entry);
      }
    }
    return input;
  };
}

function fieldOf(key: string, schema: z.ZodType): Field {
  const base = unwrap(schema);
  if (base instanceof z.ZodArray) return { key, many: true, convert: converter(base.element as z.ZodType) };
  return { key, many: false, convert: converter(base) };
}

function converter(schema: z.ZodType): Convert {
  const base = unwrap(schema);
  const read = listReader(base);
  const single = singleConverter(base);
  return read === undefined ? single : (entry) => (entry.type === 'list' ? read(entry.value) : single(entry));
}

function singleConverter(schema: z.ZodType): Convert {
  if (schema instanceof z.ZodNumber) return (entry) => intOf(entry) ?? plainValue(entry);
  if (schema instanceof z.ZodUnion) return (entry) => fitting(schema, [plainValue(entry), intOf(entry)]);
  return plainValue;
}

/** The first value that fits the schema, else the first. */
const fitting = (schema: z.ZodType, values: readonly unknown[]): unknown =>
  values.find((value) => value !== undefined && schema.safeParse(value).success) ?? values[0];

const plainValue: Convert = (entry) => textOf(entry) ?? entry.value;

/** The first value of every key. */
function everything(list: KeyValueList, convert: Convert = plainValue): Record<string, unknown> {
  const input: Record<string, unknown> = Object.create(null);
  for (const entry of list.entries) if (!(entry.key in input)) input[entry.key] = convert(entry);
  return input;
}

/** The schema inside optional, default, pipe, lazy and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodReadonly || schema instanceof z.ZodCatch) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  // Its getter may create another schema at each call.
  if (schema instanceof z.ZodLazy) return unwrap(schema._zod.innerType as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrap(schema.in as z.ZodType) : schema;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'not a string',
  number: 'not an int',
  int: 'not an int',
  object: 'not a list',
  record: 'not a list',
  Uint8Array: 'not binary',
};

type RawIssue = z.core.$ZodRawIssue;
type Context = z.core.ParseContextInternal<z.core.$ZodIssue>;

/** Lets zod create the message of an issue only if it is used. */
function incorrect(raw: RawIssue, context: Context, input: unknown): IncorrectParameterError {
  const path = raw.path ?? [];
  const name = path.map(String).join('.') || 'Parameters';
  if (isMissing(raw, path, input)) return new IncorrectParameterError(name, 'missing');
  const issue = z.core.util.finalizeIssue(raw, context, z.core.config());
  return new IncorrectParameterError(name, why(issue, path, input));
}

const isMissing = ({ code }: { readonly code?: string }, path: readonly PropertyKey[], input: unknown): boolean =>
  code !== 'custom' && at(input, path) === undefined;

function why(issue: z.core.$ZodIssue, path: readonly PropertyKey[], input: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return NAMES[issue.expected] ?? `not ${issue.expected}`;
    case 'invalid_value':
      return notOneOf(issue.values);
    case 'invalid_union':
      return whyNone(issue, at(input, path));
    default:
      return issue.message;
  }
}

const notOneOf = (values: readonly unknown[]): string => `not one of ${values.map(String).join(', ')}`;

/** `not an int or one of all, none`: the reasons of all alternatives, if each is about the value as a whole. */
function whyNone(issue: z.core.$ZodIssueInvalidUnion, value: unknown): string {
  if ('options' in issue && Array.isArray(issue.options)) return notOneOf(issue.options);
  const whys = issue.errors.map(([first]) => (first?.path.length === 0 ? why(first, [], value) : ''));
  if (!whys.every((one) => one.startsWith('not '))) return issue.message;
  return `not ${[...new Set(whys)].map((one) => one.slice('not '.length)).join(' or ')}`;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}
