/**
 * Undoing, in reverse order. A step is pushed before the thing it undoes is made, so it must bear that the thing is
 * not there. Every step runs, whatever the others do.
 */
export class CleanupStack {
  readonly #steps: { what: string; undo: () => Promise<void> }[] = [];

  push(what: string, undo: () => Promise<void>): void {
    this.#steps.push({ what, undo });
  }

  /** Runs all steps; answers with what went wrong, one entry a failed step. */
  async unwind(): Promise<{ what: string; error: unknown }[]> {
    const failures: { what: string; error: unknown }[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push({ what: step.what, error });
      }
    }
    return failures;
  }
}
