/** A JSON Schema, by its keywords. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** `${NAME}` or `${NAME:-default}` somewhere in a text. */
const REFERENCE: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_]' };

/** A schema whose values may come from the environment as well. */
export function orReference(schema: JsonSchema): JsonSchema {
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, within(key, value)]));
  if (!isChecked(inner)) return inner;
  const { description, default: fallback, ...rest } = inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [rest, REFERENCE],
  };
}

const SCHEMAS = ['additionalProperties', 'items', 'contains', 'not', 'propertyNames'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties'];

/** What stands below a keyword, where that is schemas. */
function within(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (SCHEMAS.includes(key) && !Array.isArray(value)) return orReference(value as JsonSchema);
  if (LISTS.includes(key) || key === 'items') return (value as JsonSchema[]).map(orReference);
  if (!MAPS.includes(key)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, orReference(one)]));
}

/** Whether it would refuse a reference. */
function isChecked({ type, enum: values, pattern, format, maxLength }: JsonSchema): boolean {
  if (type === 'number' || type === 'integer' || type === 'boolean' || values !== undefined) return true;
  return type === 'string' && [pattern, format, maxLength].some((check) => check !== undefined);
}
