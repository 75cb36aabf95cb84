import { Store } from '../state/store.js';
import { parseRoute, type Route, routeHash, type ViewId } from './routes.js';

/** The current route. */
export const route = new Store<Route>(parseRoute(window.location.hash));

/** The last hash of each view, for the links in the bar. */
const left = new Map<ViewId, string>();

window.addEventListener('hashchange', () => route.set(parseRoute(window.location.hash)));
route.watch(() => left.set(route.value.view, window.location.hash));

export const hashOf = (view: ViewId): string => left.get(view) ?? routeHash(view);

/** Navigates to a hash; `replace` adds no entry to the browser's history. */
export function go(hash: string, replace = false): void {
  if (hash === window.location.hash) return;
  if (replace) window.history.replaceState(null, '', hash);
  else window.history.pushState(null, '', hash);
  route.set(parseRoute(hash));
}
