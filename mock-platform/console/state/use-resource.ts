import { useCallback, useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api/api.js';

export interface Resource<T> {
  /** The last result, kept while loading again and after a failure. */
  readonly data: T | undefined;
  readonly problem: string | undefined;
  reload(): void;
}

/** Loads, and loads again when one of `inputs` changes, and every `everyMs` while the page is visible. */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[] = [],
  everyMs?: number,
): Resource<T> {
  const [state, setState] = useState<{ data?: T; problem?: string }>({});
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  // `load` is new in each render; `inputs` tell when it differs
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => setState((last) => (abort.signal.aborted ? last : { data })),
      (error: unknown) => setState((last) => (abort.signal.aborted ? last : { ...last, problem: messageOf(error) })),
    );
    return () => abort.abort();
  }, [round, ...inputs]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = window.setInterval(() => document.visibilityState === 'visible' && reload(), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs, reload]);
  return { data: state.data, problem: state.problem, reload };
}
