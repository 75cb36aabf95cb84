import { Store } from './store.js';

const PREFIX = 'esp-host.console.';

/** A store that the browser remembers; `read` checks what it remembered. */
export function stored<T extends string | number>(name: string, read: (text: string | null) => T): Store<T> {
  const store = new Store(read(remembered(name)));
  store.watch(() => remember(name, String(store.value)));
  return store;
}

/** A browser may refuse to remember anything: then the console works, and forgets. */
function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}
