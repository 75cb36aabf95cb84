import { expect, it } from '@jest/globals';
import { z } from 'esp-host';
import { openApi } from '../../../mock-platform/admin/openapi.js';
import { type Route, route } from '../../../mock-platform/admin/route.js';

const size = z.strictObject({ id: z.string(), of: z.int().optional() }).meta({ id: 'Size' });

const ROUTES: Route[] = [
  route({
    method: 'GET',
    path: '/api/things/:kind/of-all',
    summary: 'Lists things.',
    params: z.strictObject({ kind: z.string() }),
    query: z.strictObject({ limit: z.int().default(5), name: z.string() }),
    answer: z.array(size),
    handle: () => [],
  }),
  route({ method: 'GET', path: '/api/text', summary: 'A text.', answer: z.string(), handle: () => '' }),
  route({
    method: 'PUT',
    path: '/api/text',
    summary: 'Sets it.',
    body: z.strictObject({ text: z.string().default('') }),
    handle: () => undefined,
  }),
];

it('routes are described as an OpenAPI document', () => {
  const { paths, components, ...rest } = openApi(ROUTES);
  const { schemas } = components as { schemas: Record<string, unknown> };
  expect(rest).toEqual({
    openapi: '3.1.0',
    info: { title: 'Admin API of the mock platform', version: '1', description: expect.any(String) },
    servers: [{ url: '/' }],
  });
  const problem = { description: expect.any(String), content: { 'application/json': { schema: expect.any(Object) } } };
  const number = { type: 'integer', minimum: expect.any(Number), maximum: expect.any(Number) };
  expect(paths).toEqual({
    '/api/things/{kind}/of-all': {
      get: {
        ...{ summary: 'Lists things.', operationId: 'getApiThingsKindOfAll' },
        parameters: [
          { name: 'kind', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'limit', in: 'query', required: false, schema: { ...number, default: 5 } },
          { name: 'name', in: 'query', required: true, schema: { type: 'string' } },
        ],
        responses: {
          200: {
            description: 'Success.',
            content: {
              'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Size' } } },
            },
          },
          default: problem,
        },
      },
    },
    '/api/text': {
      get: {
        ...{ summary: 'A text.', operationId: 'getApiText' },
        responses: {
          200: { description: 'Success.', content: { 'text/plain': { schema: { type: 'string' } } } },
          default: problem,
        },
      },
      put: {
        ...{ summary: 'Sets it.', operationId: 'putApiText' },
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { text: { type: 'string', default: '' } },
                additionalProperties: false,
              },
            },
          },
        },
        responses: { 204: { description: 'Success, without content.' }, default: problem },
      },
    },
  });
  // The id of a schema goes, a property of that name stays.
  expect(schemas.Size).toEqual({
    ...{ type: 'object', required: ['id'], additionalProperties: false },
    properties: { id: { type: 'string' }, of: number },
  });
});
