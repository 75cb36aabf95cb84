import { z } from 'esp-host';
import type { FastifyInstance } from 'fastify';
import { AdminError } from '../errors.js';
import type { RunningPlatform } from '../runtime/index.js';
import type { Changed } from './events.js';

/** What the routes are made from. */
export interface RouteContext {
  readonly platform: RunningPlatform;
  /** Of the API itself, as soon as it listens. */
  readonly url: () => string;
  /** Tells the clients of /api/events. */
  readonly changed: (what: Changed) => void;
}

type Schema = z.ZodType;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Declared<P extends Schema, Q extends Schema, B extends Schema, A extends Schema> {
  readonly method: Method;
  /** `/api/journal/:id` */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** A text goes out as text/plain, anything else as JSON; without it there is nothing to say (204). */
  readonly answer?: A;
  handle(input: {
    readonly params: z.output<P>;
    readonly query: z.output<Q>;
    readonly body: z.output<B>;
  }): z.input<A> | Promise<z.input<A>>;
}

/** A path of the API: its schemas check what comes and document it. */
export type Route = Declared<Schema, Schema, Schema, Schema>;

export const route = <P extends Schema, Q extends Schema, B extends Schema, A extends Schema>(
  declared: Declared<P, Q, B, A>,
): Route => declared as unknown as Route;

const NOTHING = z.strictObject({});

export function register(app: FastifyInstance, { method, path, params, query, body, answer, handle }: Route): void {
  app.route({
    method,
    url: path,
    handler: async (request, reply) => {
      const result = await handle({
        params: checked('path', params ?? NOTHING, request.params),
        query: checked('query', query ?? NOTHING, request.query),
        body: body === undefined ? undefined : checked('body', body, request.body ?? {}),
      });
      if (answer === undefined) return reply.code(204).send();
      if (typeof result === 'string') return reply.type('text/plain; charset=utf-8').send(result);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
    },
  });
}

function checked(where: string, schema: Schema, value: unknown): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const wrong = error.issues.map(({ path, message }) => `${[where, ...path].map(String).join('.')}: ${message}`);
  throw new AdminError(400, `${wrong.join('; ')} (see /api/docs)`);
}
