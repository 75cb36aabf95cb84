import { z } from 'esp-host';
import type { Route } from './route.js';
import { problem } from './schemas.js';

type Json = Record<string, unknown>;

/** Describes the routes as an OpenAPI 3.1 document. */
export function openApi(routes: readonly Route[]): Json {
  const document = new Document();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: document.operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Admin API of the mock platform',
      version: '1',
      description: 'Everything that the web console can do, for programs. It listens on 127.0.0.1 only.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: document.schemas },
  };
}

/** Collects the schemas that routes share. */
class Document {
  readonly schemas: Json = {};

  operation({ path, method, summary, params, query, body, answer }: Route): Json {
    const content = (schema: z.ZodType, io: 'input' | 'output') => {
      const type = schema instanceof z.ZodString ? 'text/plain' : 'application/json';
      return { content: { [type]: { schema: this.#schema(schema, io) } } };
    };
    const parameters = [...this.#parameters('path', params), ...this.#parameters('query', query)];
    const success = { description: answer === undefined ? 'Success, without content.' : 'Success.' };
    return {
      summary,
      operationId: `${method.toLowerCase()} ${path}`.replaceAll(/[^A-Za-z]+(\w)/g, (_all, first: string) =>
        first.toUpperCase(),
      ),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(body === undefined ? {} : { requestBody: { required: true, ...content(body, 'input') } }),
      responses: {
        [answer === undefined ? 204 : 200]:
          answer === undefined ? success : { ...success, ...content(answer, 'output') },
        default: { description: 'The error: what is wrong, where, and how to fix it.', ...content(problem, 'output') },
      },
    };
  }

  #parameters(where: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = this.#schema(schema, 'input') as {
      properties?: Json;
      required?: string[];
    };
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema: property,
    }));
  }

  #schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    for (const [name, shared] of Object.entries($defs as Json)) this.schemas[name] = withDocumentRefs(shared);
    return withDocumentRefs(rest) as Json;
  }
}

/** Rewrites references to the shared schemas of the document, and drops the schemas' `id`. */
const withDocumentRefs = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
