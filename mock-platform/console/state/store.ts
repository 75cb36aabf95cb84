import { useEffect, useState } from 'preact/hooks';

/** An observable value. */
export class Store<T> {
  readonly #watchers = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  /** Calls `watcher` after each change. @returns a function that stops it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The value of a store; the component renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, rendered] = useState<T>(store.value);
  useEffect(() => {
    const changed = (): void => rendered(() => store.value);
    changed();
    return store.watch(changed);
  }, [store]);
  return store.value;
}

const PREFIX = 'esp-host.console.';

/** A store that the browser saves; `read` checks the saved value. */
export function stored<T extends string | number>(name: string, read: (text: string | null) => T): Store<T> {
  const store = new Store(read(saved('localStorage', name)));
  store.watch(() => save('localStorage', name, String(store.value)));
  return store;
}

/** A store of JSON that survives a reload of the page, and ends with its tab. */
export function kept<T extends object>(name: string, fallback: T): Store<T> {
  const store = new Store(parsed<T>(saved('sessionStorage', name)) ?? fallback);
  store.watch(() => save('sessionStorage', name, JSON.stringify(store.value)));
  return store;
}

type Place = 'localStorage' | 'sessionStorage';

/** The browser may refuse to save anything; the console works without. */
function saved(place: Place, name: string): string | null {
  try {
    return globalThis[place].getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function save(place: Place, name: string, value: string): void {
  try {
    globalThis[place].setItem(PREFIX + name, value);
  } catch {
    // see above
  }
}

function parsed<T>(text: string | null): T | undefined {
  try {
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
