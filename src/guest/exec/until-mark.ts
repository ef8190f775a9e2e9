/** A stream up to the mark at the end of a script, which carries the exit code: `<mark>3;`. */

const NOTHING = Buffer.alloc(0);
/** Bytes of a code with what ends it: those of Windows have 32 bits. */
const MOST_CODE = 11;

export class UntilMark {
  readonly #mark: Buffer;
  /** What may be the beginning of the mark; behind it, the beginning of the code. */
  #held: Buffer = NOTHING;
  #found = false;
  #code: number | undefined;

  constructor(mark: string) {
    this.#mark = Buffer.from(mark);
  }

  /** Undefined while the script runs on, for all that is known. */
  get exitCode(): number | undefined {
    return this.#code;
  }

  /** The part of the stream that is the script's own. What comes behind the mark is of processes that it left. */
  take(chunk: Buffer): Buffer {
    const seen = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#found) return this.#takeCode(seen);
    const at = seen.indexOf(this.#mark);
    if (at !== -1) {
      this.#found = true;
      this.#takeCode(seen.subarray(at + this.#mark.length));
      return seen.subarray(0, at);
    }
    const kept = this.#beginning(seen);
    this.#held = seen.subarray(seen.length - kept);
    return seen.subarray(0, seen.length - kept);
  }

  #takeCode(seen: Buffer): Buffer {
    const [, code] = /^(\d{1,10});/.exec(seen.subarray(0, MOST_CODE).toString('latin1')) ?? [];
    if (code === undefined) this.#held = seen.subarray(0, MOST_CODE);
    else this.#code ??= Number(code);
    return NOTHING;
  }

  /** How many of the last bytes the mark begins with. */
  #beginning(seen: Buffer): number {
    for (let length = Math.min(this.#mark.length - 1, seen.length); length > 0; length -= 1) {
      if (seen.subarray(-length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }
}
