import type { MockRoute } from 'esp-host';
import { MockRouteError } from 'esp-host';
import { AdminError } from '../../errors.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

/** The routes of the upstream mocks, each under `/api/NAME`. */
export const upstreamRoutes = ({ platform: { upstreams } }: RouteContext): Route[] =>
  upstreams.flatMap(({ name, mock }) => (mock.routes ?? []).map((mockRoute) => mountAt(`/api/${name}`, mockRoute)));

const mountAt = (path: string, { handle, ...declaration }: MockRoute): Route =>
  route({
    ...declaration,
    path: `${path}${declaration.path}`,
    handle: (input) => {
      try {
        return handle(input);
      } catch (error) {
        throw error instanceof MockRouteError ? new AdminError(error.status, error.message) : error;
      }
    },
  });
