import { useEffect, useState } from 'preact/hooks';
import type { Store } from './store.js';

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
