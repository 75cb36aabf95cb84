import { reset } from '../../runtime/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

export const resetRoutes = ({ platform, changed }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/reset',
    summary: 'Back to what the files say: journal, charts, stubs, faults, and what the upstreams were told.',
    handle: () => {
      reset(platform);
      const upstreams = platform.upstreams.map(({ name }) => name);
      for (const what of ['faults', 'stubs', ...upstreams, 'journal']) changed(what);
    },
  }),
];
