import type { MockRoute } from 'esp-host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFound } from '../../errors.js';
import type { RunningPlatform } from '../../runtime/index.js';
import { handled } from '../route.js';
import { routesOfPanel } from './upstreams.js';

/** Below this are the routes of the panels that plugins bring. */
export const PLUGINS = 'plugins';

/** Serves the routes of the panels that plugins bring, which a reload may change: `/api/plugins/NAME/...`. */
export function servePlugins(app: FastifyInstance, platform: RunningPlatform): void {
  const handler = async ({ method, url, query, body }: FastifyRequest, reply: FastifyReply) => {
    const [path = ''] = url.split('?', 1);
    // Before they are decoded: a parameter may have a slash.
    const [, , , plugin, ...parts] = path.split('/').map(decodeURIComponent);
    const panels = (await platform.panels()).filter((one) => one.plugin === plugin);
    for (const route of panels.flatMap(({ panel }) => routesOfPanel(panel))) {
      const params = route.method === method ? parametersOf(route, parts) : undefined;
      if (params === undefined) continue;
      const result = await handled(route, { params, query, body });
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
    }
    throw notFound(`${method} ${path} does not exist`);
  };
  for (const url of [`/api/${PLUGINS}/:plugin`, `/api/${PLUGINS}/:plugin/*`]) {
    app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url, handler });
  }
}

/** The parameters in the parts of a path; undefined if they are not those of the route. */
function parametersOf({ path }: MockRoute, given: readonly string[]): Record<string, string> | undefined {
  const expected = path.split('/').slice(1);
  const matches = (part: string, index: number): boolean => part.startsWith(':') || part === given[index];
  if (expected.length !== given.length || !expected.every(matches)) return undefined;
  return Object.fromEntries(
    expected.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), given[index] ?? '']] : [])),
  );
}
