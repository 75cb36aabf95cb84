import { Store } from '../state/store.js';
import { parseRoute, type Route, routeHash, type ViewId } from './routes.js';

/** Where the console is. */
export const route = new Store<Route>(parseRoute(window.location.hash));

/** The hash that each view was left with: the bar leads back to it. */
const left = new Map<ViewId, string>();

window.addEventListener('hashchange', () => route.set(parseRoute(window.location.hash)));
route.watch(() => left.set(route.value.view, window.location.hash));

export const hashOf = (view: ViewId): string => left.get(view) ?? routeHash(view);

/** Goes somewhere; `replace`: the browser's way back does not stop where it was. */
export function go(hash: string, replace = false): void {
  if (hash === window.location.hash) return;
  if (replace) window.history.replaceState(null, '', hash);
  else window.history.pushState(null, '', hash);
  route.set(parseRoute(hash));
}
