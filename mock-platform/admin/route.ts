import { z } from 'esp-host';
import type { FastifyInstance } from 'fastify';
import { AdminError } from '../errors.js';
import type { RunningPlatform } from '../runtime/index.js';
import type { Changed } from './events.js';

/** What the route factories need. */
export interface RouteContext {
  readonly platform: RunningPlatform;
  /** The URL of the API, once it listens. */
  readonly url: () => string;
  /** Notifies the clients of /api/events. */
  readonly changed: (what: Changed) => void;
}

type Schema = z.ZodType;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface RouteDeclaration<P extends Schema, Q extends Schema, B extends Schema, A extends Schema> {
  readonly method: Method;
  /** For example `/api/journal/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The response. Strings are sent as text/plain, anything else as JSON. Without a schema, the response is 204. */
  readonly answer?: A;
  handle(input: {
    readonly params: z.output<P>;
    readonly query: z.output<Q>;
    readonly body: z.output<B>;
    /** Aborted when the client has gone. */
    readonly signal?: AbortSignal | undefined;
  }): z.input<A> | Promise<z.input<A>>;
}

/** A route of the API. Its schemas validate the input and document the API. */
export type Route = RouteDeclaration<Schema, Schema, Schema, Schema>;

export const route = <P extends Schema, Q extends Schema, B extends Schema, A extends Schema>(
  declaration: RouteDeclaration<P, Q, B, A>,
): Route => ({
  ...declaration,
  handle: (input) => declaration.handle(input as Parameters<typeof declaration.handle>[0]),
});

const EMPTY = z.strictObject({});

export function register(app: FastifyInstance, route: Route): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const { params, query, body } = request;
      const result = await handled(route, { params, query, body, signal: gone.signal });
      if (route.answer === undefined) return reply.code(204).send();
      if (typeof result === 'string') return reply.type('text/plain; charset=utf-8').send(result);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
    },
  });
}

interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Validates the input of a route, and handles it. @throws AdminError, or what the route throws */
export const handled = ({ params, query, body, handle }: Route, input: Input): unknown =>
  handle({
    signal: input.signal,
    params: validated('path', params ?? EMPTY, input.params),
    query: validated('query', query ?? EMPTY, input.query),
    body: body === undefined ? undefined : validated('body', body, input.body ?? {}),
  });

function validated(where: string, schema: Schema, value: unknown): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${[where, ...path].map(String).join('.')}: ${message}`);
  throw new AdminError(400, `${problems.join('; ')} (see /api/docs)`);
}
