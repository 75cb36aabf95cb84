import { z } from 'zod';
import { configSchema } from '../config/index.js';
import type { ConfiguredPlugin } from './plugins.js';

/** A JSON Schema, by its keywords. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The part of a configuration that names its plugins. */
export const pluginUses = z.looseObject({ plugins: z.array(z.looseObject({ use: z.string() })).default([]) });

/** JSON Schema of config.yaml, including the options and channels of these plugins. */
export function configJsonSchema(plugins: readonly ConfiguredPlugin[]): JsonSchema {
  const { $schema, ...config } = jsonSchema(configSchema);
  const json = orReference(config);
  const properties = json.properties as Record<string, JsonSchema>;
  return {
    $schema,
    title: 'config.yaml of esp-host',
    ...json,
    properties: {
      ...properties,
      channels: withChannelTypes(properties.channels ?? {}, plugins),
      plugins: withOptions(properties.plugins ?? {}, plugins),
    },
  };
}

/** The JSON Schema of what a file may contain. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;
}

/** The schema of a plugin; one that refers to itself cannot be embedded, and allows anything. */
export function part(schema: z.ZodType): JsonSchema {
  const { $schema, ...json } = jsonSchema(schema);
  return JSON.stringify(json).includes('"$ref"') ? {} : orReference(json);
}

/** The schema of channels, with the rules of each type. */
function withChannelTypes(channels: JsonSchema, plugins: readonly ConfiguredPlugin[]): JsonSchema {
  const types = plugins.flatMap(({ definition }) => definition.channels ?? []);
  const channel = channels.additionalProperties as JsonSchema;
  const properties = {
    ...(channel.properties as JsonSchema),
    type: { type: 'string', enum: types.map(({ type }) => type) },
  };
  const rules = types.map(({ type, schema }) => when('type', type, part(schema)));
  return { ...channels, additionalProperties: { ...channel, properties, allOf: rules } };
}

/** The schema of the list of plugins, with the options of each plugin. */
function withOptions(list: JsonSchema, plugins: readonly ConfiguredPlugin[]): JsonSchema {
  const rules = plugins.map(({ use, definition }) => {
    const options = definition.options ?? z.strictObject({});
    const needed = options.safeParse({}).success ? {} : { required: ['options'] };
    return when('use', use, { properties: { options: part(options) }, ...needed });
  });
  return { ...list, items: { ...(list.items as JsonSchema), allOf: rules } };
}

export const when = (key: string, value: string, rule: JsonSchema): JsonSchema => ({
  if: { properties: { [key]: { const: value } }, required: [key] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
  then: rule,
});

/** A string that contains `${NAME}` or `${NAME:-default}`. */
const REFERENCE: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_]' };

/** Allows environment variables in place of values. */
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

/** Applies it to the schemas below a keyword. */
function within(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (SCHEMAS.includes(key) && !Array.isArray(value)) return orReference(value as JsonSchema);
  if (LISTS.includes(key) || key === 'items') return (value as JsonSchema[]).map(orReference);
  if (!MAPS.includes(key)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, orReference(one)]));
}

/** Whether the schema would reject a reference. */
function isChecked({ type, enum: values, pattern, format, maxLength }: JsonSchema): boolean {
  if (type === 'number' || type === 'integer' || type === 'boolean' || values !== undefined) return true;
  return type === 'string' && [pattern, format, maxLength].some((check) => check !== undefined);
}
