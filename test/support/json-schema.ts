/** A JSON Schema of draft 7, by the keywords that are used here. */
interface Schema {
  readonly [keyword: string]: unknown;
}

type Check = (wanted: unknown, value: unknown, schema: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
};

const all = (value: unknown, check: (name: string, one: unknown) => boolean): boolean =>
  !isObject(value) || Object.entries(value).every(([name, one]) => check(name, one));

const list = (wanted: unknown): Schema[] => wanted as Schema[];

const CHECKS: Readonly<Record<string, Check>> = {
  type: (types, value) => [types].flat().some((type) => TYPES[String(type)]?.(value) ?? false),
  const: (wanted, value) => value === wanted,
  enum: (values, value) => list(values).includes(value as Schema),
  minimum: (least, value) => typeof value !== 'number' || value >= Number(least),
  maximum: (most, value) => typeof value !== 'number' || value <= Number(most),
  exclusiveMinimum: (least, value) => typeof value !== 'number' || value > Number(least),
  minItems: (least, value) => !Array.isArray(value) || value.length >= Number(least),
  minLength: (least, value) => typeof value !== 'string' || value.length >= Number(least),
  pattern: (pattern, value) => typeof value !== 'string' || new RegExp(String(pattern), 'u').test(value),
  format: () => true,
  required: (names, value) => !isObject(value) || (names as string[]).every((name) => name in value),
  properties: (schemas, value) =>
    all(value, (name, one) => fits((schemas as Record<string, Schema | undefined>)[name] ?? {}, one)),
  propertyNames: (schema, value) => all(value, (name) => fits(schema as Schema, name)),
  additionalProperties: (schema, value, { properties = {} }) =>
    all(value, (name, one) => name in (properties as object) || (schema !== false && fits(schema as Schema, one))),
  items: (schema, value) => !Array.isArray(value) || value.every((one) => fits(schema as Schema, one)),
  anyOf: (schemas, value) => list(schemas).some((one) => fits(one, value)),
  oneOf: (schemas, value) => list(schemas).filter((one) => fits(one, value)).length === 1,
  allOf: (schemas, value) => list(schemas).every((one) => fits(one, value)),
  if: (schema, value, { then }) => !fits(schema as Schema, value) || fits(then as Schema, value),
};

const NOTES = ['then', '$schema', 'title', 'description', 'default'];

/** Whether a value fits a schema. @throws Error for a keyword that it does not know */
export function fits(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (NOTES.includes(keyword)) return true;
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`the JSON Schema has a keyword that nobody checks: ${keyword}`);
    return check(wanted, value, schema);
  });
}
