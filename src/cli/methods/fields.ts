import { z } from 'zod';

/** A parameter of a request or of a response, or a key of a list in one. */
export interface FieldReference {
  readonly name: string;
  /** `string`, `int`, `list`, `binary`, `any`; `one of a, b`; alternatives with `or`. */
  readonly type: string;
  /** Whether the key may be repeated. */
  readonly repeated: boolean;
  readonly required: boolean;
  readonly meaning: string;
  /** Used if the parameter is missing. */
  readonly default?: unknown;
  /** The keys of a list, if its schema names them. */
  readonly fields?: readonly FieldReference[];
}

/** A field, and where it is in the parameters or in the response. */
export interface PlacedField {
  readonly field: FieldReference;
  /** `Address.City`. */
  readonly path: string;
  /** The path of the list that contains it; empty at the top. */
  readonly list: string;
}

/** The fields, each followed by those of its list. */
export function withInner(fields: readonly FieldReference[], list = ''): PlacedField[] {
  return fields.flatMap((field) => {
    const path = list === '' ? field.name : `${list}.${field.name}`;
    return [{ field, path, list }, ...withInner(field.fields ?? [], path)];
  });
}

type Json = z.core.JSONSchema.BaseSchema;

/** The fields of a schema's input or output; none if the schema takes any list. */
export function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): FieldReference[] {
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (isBinary(zodSchema)) jsonSchema.format = 'binary';
    },
  }) as Json;
  return fieldsIn(json, json, []);
}

/** @param around the lists that contain it: a recursive schema has no end */
function fieldsIn(list: Json, root: Json, around: readonly Json[]): FieldReference[] {
  const { properties = {}, required = [] } = list;
  return Object.entries(properties).map(([name, property]) => {
    const json = property as Json;
    const repeated = json.type === 'array';
    const value = resolved(repeated ? ((json.items ?? {}) as Json) : json, root);
    const inner = listIn(value, root);
    const fields = inner === undefined || around.includes(inner) ? [] : fieldsIn(inner, root, [...around, inner]);
    return {
      name,
      type: typeOf(value, root),
      repeated,
      required: required.includes(name),
      meaning: json.description ?? '',
      ...('default' in json ? { default: json.default } : {}),
      ...(fields.length === 0 ? {} : { fields }),
    };
  });
}

/** The list that a value is, or may be; undefined if there is none, or a choice. */
function listIn(json: Json, root: Json): Json | undefined {
  if (json.properties !== undefined) return json;
  const lists = (json.anyOf ?? []).map((one) => listIn(resolved(one as Json, root), root)).filter(Boolean);
  return lists.length === 1 ? lists[0] : undefined;
}

/** A schema that contains itself refers to itself: `#`, or `#/$defs/NAME`. */
function resolved(json: Json, root: Json): Json {
  if (json.$ref === undefined) return json;
  const parts = json.$ref.split('/').slice(1);
  return parts.reduce<Json>((at, part) => (at as Record<string, Json>)[part] ?? {}, root);
}

const isBinary = (schema: z.core.$ZodTypes): boolean => (schema._zod.bag as { Class?: unknown }).Class === Uint8Array;

const TYPES: Readonly<Record<string, string>> = { string: 'string', integer: 'int', number: 'int', object: 'list' };

function typeOf(json: Json, root: Json): string {
  const { type, format, enum: values, const: value, anyOf } = json;
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (value !== undefined) return `'${value}'`;
  if (anyOf !== undefined)
    return [...new Set(anyOf.map((one) => typeOf(resolved(one as Json, root), root)))].join(' or ');
  if (format === 'binary') return 'binary';
  return TYPES[String(type)] ?? 'any';
}
