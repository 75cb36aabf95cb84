import { reset } from '../../runtime/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

export const resetRoutes = ({ platform, changed }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/reset',
    summary: 'Clears the journal, charts and faults, and restores stubs and upstreams to what the files define.',
    handle: () => {
      reset(platform);
      const upstreams = platform.upstreams.map(({ name }) => name);
      for (const what of ['faults', 'stubs', ...upstreams, 'journal']) changed(what);
    },
  }),
];
