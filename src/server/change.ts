type Step = () => unknown;

/** A change that happens as a whole or not at all. */
export class Change {
  readonly #undo: Step[] = [];
  readonly #last: Step[] = [];

  /** Adds what undoes a step that was taken. The last step is undone first. */
  onUndo(step: Step): void {
    this.#undo.push(step);
  }

  /** Adds a step that disturbs running parts. It is taken once everything else has succeeded. */
  atLast(step: Step): void {
    this.#last.push(step);
  }

  /** Takes the steps of `atLast`. @throws what one of them throws */
  async finish(): Promise<void> {
    for (const step of this.#last) await step();
  }

  /** Undoes all steps. @returns the errors of undoing */
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
