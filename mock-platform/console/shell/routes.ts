/** The views in the order of the bar, before the pages of the mocks; the number keys from 1 select them. */
export const VIEWS = [
  { id: 'journal', title: 'Journal' },
  { id: 'send', title: 'Send' },
  { id: 'configuration', title: 'Configuration' },
  { id: 'faults', title: 'Faults' },
  { id: 'stubs', title: 'Stubs' },
  { id: 'strategies', title: 'Strategies' },
  { id: 'charts', title: 'Charts' },
] as const;

/** `mock` is the page of a mock, which the first part of the route names. */
export type ViewId = (typeof VIEWS)[number]['id'] | 'mock';

/** A parsed address: `#/journal/17/frame?filter=outcome:fault`. */
export interface Route {
  readonly view: ViewId;
  /** The segments after the view: `17`, `frame`. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** The route of a hash; the journal if it is invalid. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [name, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const view = name === 'mock' ? name : VIEWS.find(({ id }) => id === name)?.id;
  const query = Object.fromEntries(new URLSearchParams(search));
  return view === undefined ? { view: 'journal', parts: [], query: {} } : { view, parts, query };
}

export function routeHash(view: ViewId, parts: readonly (string | number)[] = [], query: Route['query'] = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  const path = [view, ...parts].map((part) => encodeURIComponent(part)).join('/');
  return `#/${path}${search === '' ? '' : `?${search}`}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
