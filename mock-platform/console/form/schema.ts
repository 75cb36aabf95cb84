import type { JsonSchema } from '../api/types.js';

/** A field of a form, from a JSON Schema. */
export type Field = FieldCommon &
  (
    | { readonly kind: 'text' }
    | { readonly kind: 'integer' | 'number'; readonly least?: number; readonly most?: number }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly choices: readonly (string | number)[] }
    | { readonly kind: 'group'; readonly fields: readonly Field[] }
    | { readonly kind: 'repeat'; readonly item: Field }
    /** Any JSON, or a text. */
    | { readonly kind: 'any' }
  );

interface FieldCommon {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string;
  /** As text. */
  readonly byDefault?: string;
  readonly example?: string;
}

/** Deeper schemas, such as recursive ones, get a field of kind `any`. */
const DEEPEST = 6;

/** The fields of an object's schema, in its order. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): readonly Field[] {
  const { properties = {}, required = [] } = resolve(schema, root);
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, property, required.includes(name), root, depth),
  );
}

function fieldOf(name: string, given: JsonSchema, required: boolean, root: JsonSchema, depth: number): Field {
  const schema = resolve(given, root);
  const description = given.description ?? schema.description;
  const byDefault = given.default ?? schema.default;
  const [example] = given.examples ?? schema.examples ?? [];
  const common: FieldCommon = {
    name,
    // A field with a default is optional, although the output schema requires it.
    required: required && byDefault === undefined,
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { byDefault: textOf(byDefault) }),
    ...(example === undefined ? {} : { example: textOf(example) }),
  };
  const choices = choicesOf(schema);
  if (choices !== undefined) return { ...common, kind: 'choice', choices };
  return depth > DEEPEST ? { ...common, kind: 'any' } : { ...common, ...kindOf(schema, root, depth) };
}

type Kind = Field extends infer F ? (F extends Field ? Omit<F, keyof FieldCommon> : never) : never;

function kindOf(schema: JsonSchema, root: JsonSchema, depth: number): Kind {
  const { minimum, maximum } = schema;
  const bounds = {
    ...(minimum === undefined ? {} : { least: minimum }),
    ...(maximum === undefined ? {} : { most: maximum }),
  };
  switch (typeOf(schema)) {
    case 'string':
      return { kind: 'text' };
    case 'integer':
      return { kind: 'integer', ...bounds };
    case 'number':
      return { kind: 'number', ...bounds };
    case 'boolean':
      return { kind: 'boolean' };
    case 'object':
      if (schema.properties === undefined) return { kind: 'any' };
      return { kind: 'group', fields: fieldsOf(schema, root, depth + 1) };
    case 'array':
      return { kind: 'repeat', item: fieldOf('', schema.items ?? {}, true, root, depth + 1) };
    default:
      return { kind: 'any' };
  }
}

/** The one type that is not null. */
function typeOf({ type, properties }: JsonSchema): string | undefined {
  const types = [type ?? []].flat().filter((one) => one !== 'null');
  return types.length === 1 ? types[0] : properties === undefined ? undefined : 'object';
}

/** The texts and numbers of a schema that allows only these. */
function choicesOf({ enum: values, const: value, anyOf, oneOf }: JsonSchema): readonly (string | number)[] | undefined {
  const given = values ?? (value === undefined ? undefined : [value]);
  if (given !== undefined) return given.every(isChoice) ? given : undefined;
  const all = (anyOf ?? oneOf)?.map(choicesOf);
  return all?.every((one) => one !== undefined) === true ? all.flat() : undefined;
}

const isChoice = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

/** The schema behind a `$ref` into `$defs`, and behind an `anyOf` that only adds null. */
function resolve(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  if (depth > DEEPEST) return {};
  const { $ref, anyOf, allOf } = schema;
  if ($ref === '#') return root;
  const [, name] = /^#\/\$defs\/([^/]+)$/.exec($ref ?? '') ?? [];
  if (name !== undefined) return resolve(root.$defs?.[name] ?? {}, root, depth + 1);
  const [only, second] = (anyOf ?? allOf ?? []).filter(({ type }) => type !== 'null');
  return only !== undefined && second === undefined ? resolve(only, root, depth + 1) : schema;
}

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
