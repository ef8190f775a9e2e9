/** What was wrong with a result file, in words for people. The same thing said a thousand times is one line. */

const KEPT_KINDS = 50;

export class Problems {
  readonly #counts = new Map<string, number>();
  #dropped = 0;

  /** @param message One line about one thing, the same text for the same kind of thing. */
  add(message: string): void {
    const count = this.#counts.get(message);
    if (count !== undefined) this.#counts.set(message, count + 1);
    else if (this.#counts.size < KEPT_KINDS) this.#counts.set(message, 1);
    else this.#dropped += 1;
  }

  /** In the order of their first appearance, with how often each came. */
  list(): string[] {
    const lines = [...this.#counts].map(([message, count]) =>
      count === 1 ? message : `${message} (${count} times)`,
    );
    return this.#dropped === 0 ? lines : [...lines, `and ${this.#dropped} more problems`];
  }
}
