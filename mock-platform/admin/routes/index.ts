import type { Route, RouteContext } from '../route.js';
import { chartRoutes } from './charts.js';
import { configurationRoutes } from './configuration.js';
import { faultRoutes } from './faults.js';
import { fileRoutes } from './files.js';
import { journalRoutes } from './journal.js';
import { noticeRoutes } from './notices.js';
import { panelRoutes } from './panels.js';
import { servePlugins } from './plugins.js';
import { reloadRoutes } from './reload.js';
import { resetRoutes } from './reset.js';
import { sendRoutes } from './send.js';
import { statusRoutes } from './status.js';
import { strategyRoutes } from './strategies.js';
import { stubRoutes } from './stubs.js';
import { upstreamRoutes } from './upstreams.js';
import { verifyRoutes } from './verify.js';

export { servePlugins };

export const routesOf = (context: RouteContext): Route[] => [
  ...statusRoutes(context),
  ...configurationRoutes(context),
  ...reloadRoutes(context),
  ...journalRoutes(context),
  ...verifyRoutes(context),
  ...sendRoutes(context),
  ...stubRoutes(context),
  ...fileRoutes(context),
  ...faultRoutes(context),
  ...noticeRoutes(context),
  ...panelRoutes(context),
  ...upstreamRoutes(context),
  ...strategyRoutes(context),
  ...chartRoutes(context),
  ...resetRoutes(context),
];
