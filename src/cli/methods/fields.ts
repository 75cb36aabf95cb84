import { z } from 'zod';

/** A parameter, or a part of a response, in the words of ESP. */
export interface FieldReference {
  readonly name: string;
  /** `string`, `int`, `list`, `binary`, `any`; `one of a, b`; alternatives with `or`. */
  readonly type: string;
  /** Whether its key may be repeated. */
  readonly repeated: boolean;
  readonly required: boolean;
  readonly meaning: string;
  /** What counts where it is left out. */
  readonly default?: unknown;
}

type Json = z.core.JSONSchema.BaseSchema;

/** The fields that a schema names, as it takes or as it gives them; none for one of whatever list comes. */
export function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): FieldReference[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (isBinary(zodSchema)) jsonSchema.format = 'binary';
    },
  }) as Json;
  return Object.entries(properties).map(([name, property]) => {
    const json = property as Json;
    const repeated = json.type === 'array';
    return {
      name,
      type: typeOf(repeated ? ((json.items ?? {}) as Json) : json),
      repeated,
      required: required.includes(name),
      meaning: json.description ?? '',
      ...('default' in json ? { default: json.default } : {}),
    };
  });
}

const isBinary = (schema: z.core.$ZodTypes): boolean => (schema._zod.bag as { Class?: unknown }).Class === Uint8Array;

const TYPES: Readonly<Record<string, string>> = { string: 'string', integer: 'int', number: 'int', object: 'list' };

function typeOf({ type, format, enum: values, const: value, anyOf }: Json): string {
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (value !== undefined) return `'${value}'`;
  if (anyOf !== undefined) return [...new Set(anyOf.map((one) => typeOf(one as Json)))].join(' or ');
  if (format === 'binary') return 'binary';
  return TYPES[String(type)] ?? 'any';
}
