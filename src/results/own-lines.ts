/** What is kept of a file must not keep the file, and what many tests say need be kept only once. */

/** Those of classes, files and exceptions come back soon; those of tests never do, and push the others out. */
const KNOWN_LINES = 1_000;

/** The lines that were kept last. */
export class OwnLines {
  readonly #known = new Map<string, string>();

  /** A copy of the line, or the copy that is known. */
  own(line: string): string {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const own = detach(line);
    if (this.#known.size >= KNOWN_LINES) this.#known.clear();
    this.#known.set(own, own);
    return own;
  }
}

/**
 * A copy of its own. V8 keeps the whole string alive of which another is a slice, so a kept name would hold the 64 KiB
 * of file it came from. Shorter strings are always copies.
 */
export function detach(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
