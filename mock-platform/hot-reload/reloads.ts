import type { Problem } from '#server';
import type { Changes } from './changes.js';

/** A change that was applied. */
export interface Applied extends Changes {
  readonly kind: 'applied';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since the change was detected. */
  readonly durationMs: number;
}

/** A change that was refused. The platform is unchanged. */
export interface Refused {
  readonly kind: 'refused';
  readonly at: number;
  readonly problems: readonly Problem[];
}

/** The outcome of a reload. */
export type Outcome = Applied | Refused;

/** The outcomes of reloads. */
export class Reloads {
  readonly #listeners = new Set<(outcome: Outcome) => void>();
  #last: Outcome | undefined;

  /** Undefined if nothing has changed since the start. */
  get last(): Outcome | undefined {
    return this.#last;
  }

  /** Calls `listener` with each outcome. @returns a function that unsubscribes */
  subscribe(listener: (outcome: Outcome) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  applied(changes: Changes, durationMs: number): void {
    this.#notify({ kind: 'applied', at: Date.now(), durationMs, ...changes });
  }

  refused(problems: readonly Problem[]): void {
    this.#notify({ kind: 'refused', at: Date.now(), problems });
  }

  #notify(outcome: Outcome): void {
    this.#last = outcome;
    for (const listener of this.#listeners) listener(outcome);
  }
}
