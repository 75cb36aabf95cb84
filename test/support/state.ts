import { StateError, type StateStore } from '../../src/state/index.js';
import type { Operation } from '../../src/state/operations.js';

/**
 * Looks at each operation of a state before it is done. A promise that `before` returns holds it up; one that is rejected
 * fails it.
 */
export function intercept(state: StateStore, before: (operation: Operation) => Promise<unknown> | undefined): void {
  const real = state.do.bind(state);
  state.do = ((kind, input) => {
    const held = before({ kind, input } as Operation);
    return held === undefined ? real(kind, input) : held.then(() => real(kind, input));
  }) as typeof state.do;
}

export const diskFull = (): Promise<never> => Promise.reject(new StateError('ESP_STATE_FAILED', 'disk full'));
