import { reset } from '../../runtime/index.js';
import { type Route, route } from '../route.js';
import type { RouteContext } from './context.js';

export const resetRoutes = ({ platform, changed }: RouteContext): Route[] => [
  route({
    method: 'POST',
    path: '/api/reset',
    summary: 'Back to what the files say: journal, charts, stubs, faults, and what the WhatsApp API was told.',
    handle: () => {
      reset(platform);
      for (const what of ['faults', 'stubs', 'whatsapp', 'journal'] as const) changed(what);
    },
  }),
];
