/** One JSON string as it comes: unescaped, with head and tail kept of a long one. */
import { BoundedText } from './bounded-text.ts';

const PLAIN = /[^"\\]*/y;
const ESCAPE = /^\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/;
const HALF_ESCAPE = /^\\(?:u[0-9a-fA-F]{0,3})?$/;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export class JsonString {
  /** `open` while its end has not come. */
  state: 'open' | 'ended' | 'broken' = 'open';
  readonly #text: BoundedText;

  constructor(maxString: number) {
    this.#text = new BoundedText(maxString);
  }

  toString(): string {
    return this.#text.toString();
  }

  /** Takes what belongs to it, and answers where that ends. Half an escape is left for the next piece. */
  scan(text: string, start: number): number {
    let at = start;
    for (;;) {
      PLAIN.lastIndex = at;
      PLAIN.test(text);
      if (PLAIN.lastIndex > at) this.#text.append(text.slice(at, PLAIN.lastIndex));
      at = PLAIN.lastIndex;
      if (at === text.length) return at;
      if (text[at] === '"') {
        this.state = 'ended';
        return at + 1;
      }
      const next = text.slice(at, at + 6);
      const sequence = ESCAPE.exec(next)?.[0];
      if (sequence === undefined) {
        if (!HALF_ESCAPE.test(next)) this.state = 'broken';
        return at;
      }
      this.#text.append(charOf(sequence));
      at += sequence.length;
    }
  }
}

function charOf(sequence: string): string {
  const char = sequence[1] ?? '';
  if (char === 'u') return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  return ESCAPES[char] ?? char;
}
