import { z } from 'esp-host';
import type { Route } from './route.js';
import { problem } from './schemas.js';

type Json = Record<string, unknown>;

/** What the routes are, as OpenAPI 3.1. */
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
      description: 'All that the web console does, for programs. It listens on 127.0.0.1 alone.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: document.schemas },
  };
}

/** Gathers the schemas that several routes share. */
class Document {
  readonly schemas: Json = {};

  operation({ path, method, summary, params, query, body, answer }: Route): Json {
    const content = (schema: z.ZodType, io: 'input' | 'output') => {
      const type = schema instanceof z.ZodString ? 'text/plain' : 'application/json';
      return { content: { [type]: { schema: this.#schema(schema, io) } } };
    };
    const parameters = [...this.#parameters('path', params), ...this.#parameters('query', query)];
    const good = { description: answer === undefined ? 'Done.' : 'The answer.' };
    return {
      summary,
      operationId: `${method.toLowerCase()} ${path}`.replaceAll(/[^A-Za-z]+(\w)/g, (_all, first: string) =>
        first.toUpperCase(),
      ),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(body === undefined ? {} : { requestBody: { required: true, ...content(body, 'input') } }),
      responses: {
        [answer === undefined ? 204 : 200]: answer === undefined ? good : { ...good, ...content(answer, 'output') },
        default: { description: 'What is wrong, where, and what to do.', ...content(problem, 'output') },
      },
    };
  }

  #parameters(where: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = this.#schema(schema, 'input') as {
      properties?: Json;
      required?: string[];
    };
    return Object.entries(properties).map(([name, one]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema: one,
    }));
  }

  #schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    for (const [name, shared] of Object.entries($defs as Json)) this.schemas[name] = moved(shared);
    return moved(rest) as Json;
  }
}

/** With references to where the shared schemas are in the whole document. */
const moved = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
