import type { Mock, MockPanel, MockRoute } from 'esp-host';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

/** The routes of the upstream mocks, each under `/api/NAME`. */
export const upstreamRoutes = ({ platform: { upstreams } }: RouteContext): Route[] =>
  upstreams.flatMap(({ name, mock }) => routesOf(mock).map((mockRoute) => mountAt(`/api/${name}`, mockRoute)));

/** The routes of a mock and of its panel, each once. */
const routesOf = ({ routes = [], panel }: Mock): MockRoute[] => [
  ...new Set([...routes, ...(panel === undefined ? [] : routesOfPanel(panel))]),
];

/** The routes of a panel. */
export function routesOfPanel({ state, sections }: MockPanel): MockRoute[] {
  const actions = sections.flatMap(({ table, conversations, actions = [] }) => [
    ...actions,
    ...(table?.actions ?? []),
    ...(conversations?.actions ?? []),
    ...[conversations?.write, conversations?.choose].filter((one) => one !== undefined),
  ]);
  return [...new Set([state, ...actions.map(({ route }) => route)])];
}

export const mountAt = (path: string, declaration: MockRoute): Route =>
  route({ ...declaration, path: `${path}${declaration.path}` });
