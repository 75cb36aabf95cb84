import type { Problem } from 'esp-host/server';
import type { Changes } from './changes.js';

/** What was taken over. */
export interface Applied extends Changes {
  readonly kind: 'applied';
  /** In ms since 1970. */
  readonly at: number;
  /** From when the change was seen. */
  readonly durationMs: number;
}

/** What was not: what ran before runs on. */
export interface Refused {
  readonly kind: 'refused';
  readonly at: number;
  readonly problems: readonly Problem[];
}

/** The outcome of a reload. */
export type Outcome = Applied | Refused;

/** How the changes of the files went, which a platform follows. */
export class Reloads {
  readonly #listeners = new Set<(outcome: Outcome) => void>();
  #last: Outcome | undefined;

  /** Undefined as long as nothing has changed since the start. */
  get last(): Outcome | undefined {
    return this.#last;
  }

  /** Tells of each. @returns what ends that */
  subscribe(listener: (outcome: Outcome) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  applied(changes: Changes, durationMs: number): void {
    this.#tell({ kind: 'applied', at: Date.now(), durationMs, ...changes });
  }

  refused(problems: readonly Problem[]): void {
    this.#tell({ kind: 'refused', at: Date.now(), problems });
  }

  #tell(outcome: Outcome): void {
    this.#last = outcome;
    for (const listener of this.#listeners) listener(outcome);
  }
}
