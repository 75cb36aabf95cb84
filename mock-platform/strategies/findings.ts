import { ConfigError, type LoadedFile } from 'esp-host/server';
import type { StrategyFile } from './schema.js';

export type Path = readonly (string | number)[];

/** What is wrong with a strategy file, collected so that all of it is told at once. */
export class Findings {
  readonly #errors: ConfigError[] = [];

  constructor(private readonly loaded: LoadedFile<StrategyFile>) {}

  get any(): boolean {
    return this.#errors.length > 0;
  }

  /** `message` follows the name of the value at `path`, then the choice that is nearest to the value, or to `word`. */
  add(path: Path, message: string, choices: readonly string[] = [], word?: string): void {
    this.#errors.push(this.loaded.problem(path, message, choices, word));
  }

  /** @throws ConfigError with file:line:column of each, in the order of the file */
  throwAny(): void {
    if (!this.any) return;
    const problems = this.#errors.flatMap((error) => error.problems);
    throw new ConfigError(problems.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }
}
