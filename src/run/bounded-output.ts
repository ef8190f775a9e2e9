/** Output without end in bounded space: its beginning passes as it comes, of the rest the last is kept until the end. */

export type OutputStream = 'stdout' | 'stderr';

export interface OutputLimit {
  /** Characters that pass. */
  head: number;
  /** Characters of the last of the rest, at least; at most a piece more. */
  tail: number;
}

/** What the disk of a host, and whoever reads its logs, bear of every cell. */
const LIMIT: OutputLimit = { head: 64 * 1024 ** 2, tail: 1024 ** 2 };

/** Characters. */
const SMALL = 4 * 1024;

export class BoundedOutput {
  readonly #pass: (stream: OutputStream, text: string) => void;
  readonly #limit: OutputLimit;
  #room: number;
  #kept: { stream: OutputStream; text: string }[] = [];
  #keptLength = 0;
  #missing = 0;

  constructor(pass: (stream: OutputStream, text: string) => void, limit: OutputLimit = LIMIT) {
    this.#pass = pass;
    this.#limit = limit;
    this.#room = limit.head;
  }

  write(stream: OutputStream, text: string): void {
    if (text.length <= this.#room) {
      this.#room -= text.length;
      this.#pass(stream, text);
      return;
    }
    // Whole pieces only: no character is cut in two.
    this.#room = 0;
    this.#keep(stream, text);
  }

  /** Passes what was kept, behind a line that says how much was not. */
  end(): void {
    if (this.#missing > 0)
      this.#pass('stderr', `\n[vmtest: ${this.#missing} characters of output left out]\n`);
    for (const { stream, text } of this.#kept) this.#pass(stream, text);
    this.#kept = [];
  }

  #keep(stream: OutputStream, text: string): void {
    const last = this.#kept.at(-1);
    // A guest that prints a character at a time must not make a piece of each.
    if (last?.stream === stream && last.text.length < SMALL) last.text += text;
    else this.#kept.push({ stream, text });
    this.#keptLength += text.length;
    let first = this.#kept[0];
    while (first && this.#keptLength - first.text.length >= this.#limit.tail) {
      this.#kept.shift();
      this.#keptLength -= first.text.length;
      this.#missing += first.text.length;
      first = this.#kept[0];
    }
  }
}
