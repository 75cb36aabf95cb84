import type { MockRoute } from 'esp-host';
import { MockRouteError } from 'esp-host';
import { AdminError } from '../../errors.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

/** What the mocks of upstreams add, each below its name. */
export const upstreamRoutes = ({ platform: { upstreams } }: RouteContext): Route[] =>
  upstreams.flatMap(({ name, mock }) => (mock.routes ?? []).map((one) => below(`/api/${name}`, one)));

const below = (path: string, { handle, ...declared }: MockRoute): Route =>
  route({
    ...declared,
    path: `${path}${declared.path}`,
    handle: (input) => {
      try {
        return handle(input);
      } catch (error) {
        throw error instanceof MockRouteError ? new AdminError(error.status, error.message) : error;
      }
    },
  });
