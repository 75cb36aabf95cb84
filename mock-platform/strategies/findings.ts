import { ConfigError, type LoadedFile } from '#server';
import type { StrategyFile } from './schema.js';

export type Path = readonly (string | number)[];

/** Collects the problems of a strategy file, to report them all at once. */
export class Findings {
  readonly #errors: ConfigError[] = [];

  constructor(private readonly loaded: LoadedFile<StrategyFile>) {}

  get any(): boolean {
    return this.#errors.length > 0;
  }

  /** Adds a problem. The message follows the name of the value; `word` (default: the value) is matched to `choices`. */
  add(path: Path, message: string, choices: readonly string[] = [], word?: string): void {
    this.#errors.push(this.loaded.problem(path, message, choices, word));
  }

  /** @throws ConfigError with file:line:column of each problem, in file order, if there are any */
  throwAny(): void {
    if (!this.any) return;
    const problems = this.#errors.flatMap((error) => error.problems);
    throw new ConfigError(problems.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }
}
