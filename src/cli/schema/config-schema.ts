import { z } from 'zod';
import { configSchema } from '../../config/schema.js';
import type { ConfiguredPlugin } from '../configured-plugins.js';
import { type JsonSchema, orReference } from './or-reference.js';

/** What is needed of a configuration to find its plugins. */
export const pluginUses = z.looseObject({ plugins: z.array(z.looseObject({ use: z.string() })).default([]) });

/** JSON Schema of config.yaml, with what the plugins of one take as options and as channels of their types. */
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

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;
}

/** A plugin's schema as a part of the whole; one that refers to itself has no place there, and takes anything. */
function part(schema: z.ZodType): JsonSchema {
  const { $schema, ...json } = jsonSchema(schema);
  return JSON.stringify(json).includes('"$ref"') ? {} : orReference(json);
}

/** A channel of any type, and what holds for those of each type. */
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

/** An entry of any plugin, and what holds for those that are known. */
function withOptions(list: JsonSchema, plugins: readonly ConfiguredPlugin[]): JsonSchema {
  const rules = plugins.map(({ use, definition }) => {
    const options = definition.options ?? z.strictObject({});
    const needed = options.safeParse({}).success ? {} : { required: ['options'] };
    return when('use', use, { properties: { options: part(options) }, ...needed });
  });
  return { ...list, items: { ...(list.items as JsonSchema), allOf: rules } };
}

const when = (key: string, value: string, rule: JsonSchema): JsonSchema => ({
  if: { properties: { [key]: { const: value } }, required: [key] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
  then: rule,
});
