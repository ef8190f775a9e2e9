/** The last words of each cell, in little memory however much guests say. */

/** Characters kept of a cell that speaks; lines beyond that were not the last ones. */
const KEPT = 2_048;
/** So many failed cells keep theirs for the summary, which tells no more stories than that in full. */
const KEPT_CELLS = 100;

export class Tails {
  readonly #texts = new Map<string, string>();
  #kept = 0;

  /** @param text whole lines. */
  add(id: string, text: string): void {
    const before = this.#texts.get(id) ?? '';
    // A flood comes in large pieces: what was said before it is not looked at.
    this.#texts.set(id, text.length >= KEPT ? text.slice(-KEPT) : (before + text).slice(-KEPT));
  }

  /** What the cell said last; empty when it said nothing. The first line may be cut. */
  of(id: string): string {
    return this.#texts.get(id) ?? '';
  }

  /** The last line with something on it. */
  lastLine(id: string): string {
    const text = this.of(id).trimEnd();
    return text.slice(text.lastIndexOf('\n') + 1);
  }

  keep(id: string): void {
    this.#kept += 1;
    if (this.#kept > KEPT_CELLS) this.forget(id);
  }

  forget(id: string): void {
    this.#texts.delete(id);
  }
}
