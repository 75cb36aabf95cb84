type Step = () => unknown;

/** A change that takes place as a whole or not at all. */
export class Change {
  readonly #undo: Step[] = [];
  readonly #last: Step[] = [];

  /** What takes back a step that was taken; those taken last are taken back first. */
  onUndo(step: Step): void {
    this.#undo.push(step);
  }

  /** A step that disturbs what runs: it is taken when all else has gone well. */
  atLast(step: Step): void {
    this.#last.push(step);
  }

  /** Takes the last steps. @throws what one of them throws */
  async finish(): Promise<void> {
    for (const step of this.#last) await step();
  }

  /** Takes all back. @returns what went wrong with that */
  async undo(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (const step of this.#undo.reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}
