import { z } from 'zod';
import { IncorrectParameter, intOf, type KeyValueEntry, KeyValueList, type PlainValues, textOf } from '../esp/index.js';

/** Reads a method's parameters out of a list. @throws IncorrectParameter for the first that does not fit */
export type ParameterReader = (list: KeyValueList) => unknown;

/** Compiled once a method: which keys to look for, and how each value becomes what its schema takes. */
export function parameterReader(schema: z.ZodType): ParameterReader {
  const plain = plainReader(schema);
  return (list) => {
    const input = plain(list);
    const result = schema.safeParse(input);
    if (result.success) return result.data;
    throw incorrect(result.error.issues[0], input);
  };
}

type Convert = (entry: KeyValueEntry) => unknown;

interface Field {
  readonly key: string;
  readonly many: boolean;
  readonly convert: Convert;
}

/** A plain object of the keys that the schema names; a schema that is no object gets every first value by key. */
function plainReader(schema: z.ZodType): (list: KeyValueList) => Record<string, unknown> {
  const shape = shapeOf(schema);
  if (shape === undefined) return (list) => everything(list);
  const fields = Object.entries(shape).map(([key, field]) => fieldOf(key, field));
  return (list) => {
    const input: Record<string, unknown> = {};
    for (const { key, many, convert } of fields) {
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
  if (base instanceof z.ZodArray) return { key, many: true, convert: converter(unwrap(base.element as z.ZodType)) };
  return { key, many: false, convert: converter(base) };
}

function converter(schema: z.ZodType): Convert {
  if (schema instanceof z.ZodNumber) return (entry) => intOf(entry) ?? plainValue(entry);
  if (schema instanceof z.ZodObject) {
    const read = plainReader(schema);
    return (entry) => (entry.type === 'list' ? read(entry.value) : plainValue(entry));
  }
  return plainValue;
}

const plainValue: Convert = (entry) => textOf(entry) ?? entry.value;

function everything(list: KeyValueList): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const entry of list.entries) if (!(entry.key in input)) input[entry.key] = plainValue(entry);
  return input;
}

/** The schema behind optional, default, pipes and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodReadonly || schema instanceof z.ZodCatch) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in as z.ZodType) : schema;
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const base = unwrap(schema);
  return base instanceof z.ZodObject ? (base.shape as Record<string, z.ZodType>) : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'not a string',
  number: 'not an int',
  int: 'not an int',
  object: 'not a list',
};

function incorrect(issue: z.core.$ZodIssue | undefined, input: unknown): IncorrectParameter {
  const path = issue?.path ?? [];
  return new IncorrectParameter(path.map(String).join('.') || 'Parameters', why(issue, path, input));
}

function why(issue: z.core.$ZodIssue | undefined, path: readonly PropertyKey[], input: unknown): string {
  if (issue === undefined) return 'not as expected';
  if (issue.code === 'invalid_type' && at(input, path) === undefined) return 'missing';
  if (issue.code === 'invalid_type') return NAMES[issue.expected] ?? `not ${issue.expected}`;
  if (issue.code === 'invalid_value') return `not one of ${issue.values.map(String).join(', ')}`;
  return issue.message;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

/** Checks a method's results and lays them out as a list, its strings in the kind that was asked in. */
export function resultList(schema: z.ZodType, result: PlainValues | KeyValueList, text: 'str' | 'utf16'): KeyValueList {
  if (result instanceof KeyValueList) return result;
  const checked = schema.safeParse(result);
  if (!checked.success) throw new TypeError(`the response does not fit its schema: ${z.prettifyError(checked.error)}`);
  return KeyValueList.from(result, text);
}
