import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, EspMethod, type PluginDefinition, z } from '../../../src/index.js';
import { HttpHost } from './setting.js';

interface Document {
  openapi: string;
  info: { title: string; version: string };
  security: unknown;
  paths: Record<string, { post: Operation }>;
  components: { securitySchemes: unknown; schemas: unknown; responses: unknown };
}

interface Operation {
  description?: string;
  requestBody: { content: Record<string, { schema: { anyOf: [Schema, unknown] } }> };
  responses: Record<string, { content: Record<string, { schema: { properties: { parameters: Schema } } }> }>;
}

interface Schema {
  properties: Record<string, { type?: string; description?: string; $ref?: string }>;
  required?: string[];
}

let host: HttpHost;
afterEach(() => host.stop());

const Tree = z.object({
  Name: z.string(),
  Kind: z.string().default('tree'),
  get Children() {
    return z.array(Tree).optional();
  },
});

function plugin(): PluginDefinition {
  class Handler {
    handle() {
      return { Name: 'oak' };
    }
  }
  EspMethod('Test', 'Tree', {
    parameters: z.object({
      Id: z.string().describe('The number'),
      Count: z.string().transform(Number),
      Raw: z.instanceof(Uint8Array).optional(),
      Person: z.object({ Name: z.string() }).meta({ id: 'Person' }).optional(),
      Link: z.object({ $ref: z.string() }).default({ $ref: 'no pointer' }),
    }),
    response: Tree,
    channel: 'whatsapp',
    description: 'Grows.',
    warning: 'Slowly.',
  })(Handler);
  class Plain {
    handle() {
      return {};
    }
  }
  EspMethod('Te/st', 'Pl~in', { parameters: z.object({}), response: z.object({}) })(Plain);
  return definePlugin({ name: 'test', methods: [Handler, Plain] });
}

async function document(): Promise<Document> {
  host = await HttpHost.start({ plugins: [plugin()] });
  const { status, json } = await host.send({ path: '/openapi.json' });
  expect(status).toBe(200);
  return json as Document;
}

/** The document without its prose. */
const withoutDescriptions = async (): Promise<unknown> =>
  JSON.parse(JSON.stringify(await document()), (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  );

/** Every `$ref` in a document. */
function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refs(inner),
  );
}

function at(root: unknown, pointer: string): unknown {
  const parts = decodeURIComponent(pointer.slice(2)).split('/');
  const names = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], root);
}

describe('GET /openapi.json', () => {
  it('describes each method by its schemas', async () => {
    const { openapi, info, security, paths, components } = await document();
    expect({ openapi, title: info.title, security }).toEqual({
      openapi: '3.1.0',
      title: 'ESP methods of DMS',
      security: [{ bearer: [] }],
    });
    expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(Object.keys(paths)).toEqual(['/esp/Test/Tree', '/esp/Te%2Fst/Pl~in']);
    const post = paths['/esp/Test/Tree']?.post as Operation;
    expect(post.description).toBe('Grows.\n\nSlowly.');
    expect(paths['/esp/Te%2Fst/Pl~in']?.post).not.toHaveProperty('description');
    const [parameters] = post.requestBody.content['application/json']?.schema.anyOf ?? [];
    expect(parameters?.required).toEqual(['Id', 'Count']);
    expect(parameters?.properties).toMatchObject({
      _umsChannel: { type: 'string', description: expect.stringContaining('of type whatsapp') },
      Id: { type: 'string', description: 'The number' },
      Count: { type: 'string' },
      Link: { default: { $ref: 'no pointer' } },
    });
    const answer = post.responses['200']?.content['application/json']?.schema.properties.parameters;
    expect(answer).toMatchObject({ properties: { Name: { type: 'string' } }, required: ['Name', 'Kind'] });
  });

  it('has every status of a call', async () => {
    const { paths } = await document();
    const statuses = ['200', '400', '401', '404', '408', '413', '415', '422', '500', '502', '503', '504'];
    expect(Object.keys(paths['/esp/Test/Tree']?.post.responses ?? {})).toEqual(statuses);
  });

  it('has no broken references, including those of recursive schemas', async () => {
    const whole = await document();
    const all = [...new Set(refs(whole))].filter((one) => one !== 'no pointer');
    expect(all.filter((one) => at(whole, one) === undefined)).toEqual([]);
    expect(all.filter((one) => one.startsWith('#/paths/')).length).toBeGreaterThan(0);
    expect(all.filter((one) => !one.startsWith('#/'))).toEqual([]);
  });

  it('describes the typed form, faults and errors', async () => {
    const { components } = (await withoutDescriptions()) as Document;
    const list = { $ref: '#/components/schemas/TypedList' };
    const text = { type: 'string' };
    const object = (properties: object, ...required: string[]) => ({
      type: 'object',
      properties,
      required,
      additionalProperties: false,
    });
    expect(components.schemas).toEqual({
      TypedList: { type: 'array', items: { $ref: '#/components/schemas/TypedEntry' } },
      TypedEntry: {
        type: 'array',
        prefixItems: [
          { anyOf: [text, object({ hex: text }, 'hex')] },
          { enum: ['str', 'utf16', 'int', 'bin', 'strx', 'list'] },
          { anyOf: [text, { type: 'integer', format: 'int32' }, list] },
        ],
        minItems: 3,
        items: false,
      },
      TypedRequest: object(
        { parameters: list, userData: list, appName: text, appType: { type: ['integer', 'string'] } },
        'parameters',
      ),
      TypedResponse: object({ parameters: list, userData: list }, 'parameters'),
      Fault: object({ faultCode: text, faultString: text }, 'faultCode', 'faultString'),
      Error: object({ error: text }, 'error'),
    });
  });

  it('describes the answer of each status', async () => {
    const { components } = (await withoutDescriptions()) as Document;
    const of = (schema: object, more = {}) => ({ ...more, content: { 'application/json': { schema } } });
    const [fault, error] = [{ $ref: '#/components/schemas/Fault' }, { $ref: '#/components/schemas/Error' }];
    const header = (name: string) => ({ headers: { [name]: { schema: { type: 'string' } } } });
    const either = { anyOf: [fault, error] };
    expect(components.responses).toEqual({
      400: of(either),
      401: of(error, header('WWW-Authenticate')),
      404: of(either),
      408: of(error),
      413: of(error),
      415: of(error),
      422: of(fault),
      500: of(fault),
      502: of(fault),
      503: of(fault, header('Retry-After')),
      504: of(fault),
    });
  });

  it('describes a method without description and channel', async () => {
    const { info, paths } = (await withoutDescriptions()) as Document;
    expect(info).toEqual({ title: 'ESP methods of DMS', version: '1.0' });
    const post = paths['/esp/Te%2Fst/Pl~in']?.post as Operation;
    const { responses, ...operation } = post;
    const parameters = { type: 'object', properties: {} };
    expect(operation).toEqual({
      operationId: 'Te/st.Pl~in',
      tags: ['Te/st'],
      requestBody: {
        content: {
          'application/json': { schema: { anyOf: [parameters, { $ref: '#/components/schemas/TypedRequest' }] } },
        },
      },
    });
    const { 200: answer, ...others } = responses;
    expect(answer).toEqual({
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { parameters: { ...parameters, additionalProperties: {} }, userData: { type: 'object' } },
            required: ['parameters'],
          },
        },
        'application/vnd.esp-host.typed+json': { schema: { $ref: '#/components/schemas/TypedResponse' } },
      },
    });
    for (const [status, other] of Object.entries(others))
      expect(other).toEqual({ $ref: `#/components/responses/${status}` });
  });

  it('has no description without words', async () => {
    const described: unknown[] = [];
    JSON.parse(JSON.stringify(await document()), (key, value) => {
      if (key === 'description') described.push(value);
      return value;
    });
    expect(described.length).toBeGreaterThan(20);
    expect(described.filter((text) => !/\w{3,}/.test(String(text)))).toEqual([]);
  });
});
