/** Text of unknown length in bounded memory: its head and its tail are kept, for the cause and the end tell most. */

/** Cuts move to a line end when there is one this near (characters). */
const LINE_SLACK = 400;

/** Collects pieces, keeping at most about `limit` characters (UTF-16 units) of them. */
export class BoundedText {
  readonly #half: number;
  #head = '';
  #tail = '';
  #length = 0;

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  /** Characters seen so far. */
  get length(): number {
    return this.#length;
  }

  append(piece: string): void {
    this.#length += piece.length;
    const room = this.#half - this.#head.length;
    this.#head += piece.slice(0, room);
    if (piece.length <= room) return;
    this.#tail += piece.slice(room);
    if (this.#tail.length > 3 * this.#half) this.#tail = this.#tail.slice(-this.#half);
  }

  /** True when something had to go. */
  get cut(): boolean {
    return this.#length > 2 * this.#half;
  }

  /** All of it, or head and tail with a line between them that says how much is missing. */
  toString(): string {
    if (!this.cut) return this.#head + this.#tail;
    return joinCut(this.#head, this.#tail.slice(-this.#half), this.#length);
  }
}

/** A text of at most about `limit` characters: itself, or its head and tail. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.ceil(limit / 2);
  return joinCut(text.slice(0, half), text.slice(-half), text.length);
}

/** A single line of at most `limit` characters, ending in `…` when it was longer. */
export function cutEnd(line: string, limit: number): string {
  return line.length <= limit ? line : `${withoutHalfPair(line.slice(0, limit - 1))}…`;
}

function joinCut(head: string, tail: string, length: number): string {
  const first = toLineEnd(withoutHalfPair(head));
  const last = fromLineStart(tail.replace(/^[\udc00-\udfff]/, ''));
  const missing = (length - first.length - last.length).toLocaleString('en');
  const before = first.endsWith('\n') ? '' : '\n';
  return `${first}${before}[… ${missing} characters left out …]\n${last}`;
}

function toLineEnd(head: string): string {
  const end = head.lastIndexOf('\n') + 1;
  return head.length - end < Math.min(LINE_SLACK, head.length / 2) ? head.slice(0, end) : head;
}

function fromLineStart(tail: string): string {
  const start = tail.indexOf('\n') + 1;
  return start < Math.min(LINE_SLACK, tail.length / 2) ? tail.slice(start) : tail;
}

/** Without the first half of a surrogate pair that a cut left at the end. */
function withoutHalfPair(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
