import type { z } from 'zod';
import { type JsonSchema, jsonSchema, orReference, part, when } from './config-schema.js';
import { importMock, type Mock } from './mock.js';

/** A kind of file of the mock platform. */
export type PlatformFileKind = keyof Mock['FILE_SCHEMAS'];

const TITLES: Readonly<Record<PlatformFileKind, string>> = {
  platform: 'platform.yaml of esp-host',
  stubs: 'ESP stubs of esp-host',
  'http-stubs': 'HTTP stubs of esp-host',
  strategy: 'A strategy of esp-host',
};

/** JSON Schema of the files of a kind. @param platform platform.yaml, whose mocks say which settings they have */
export async function fileJsonSchema(kind: PlatformFileKind, platform: string | undefined): Promise<JsonSchema> {
  const { FILE_SCHEMAS, mockSettings } = await importMock();
  const { $schema, ...json } = jsonSchema(FILE_SCHEMAS[kind]);
  const titled = { $schema, title: TITLES[kind], ...orReference(json) };
  if (kind !== 'platform' || platform === undefined) return titled;
  return withSettings(titled, await mockSettings(platform));
}

/** The schema of platform.yaml, with the settings of the mock of each plugin. */
function withSettings(json: JsonSchema, settings: ReadonlyMap<string, z.ZodType>): JsonSchema {
  const properties = json.properties as Record<string, JsonSchema>;
  const upstreams = properties.upstreams ?? {};
  const rules = [...settings].map(([plugin, schema]) => {
    const needed = schema.safeParse({}).success ? {} : { required: ['settings'] };
    return when('plugin', plugin, { properties: { settings: part(schema) }, ...needed });
  });
  const additionalProperties = { ...(upstreams.additionalProperties as JsonSchema), allOf: rules };
  return { ...json, properties: { ...properties, upstreams: { ...upstreams, additionalProperties } } };
}
