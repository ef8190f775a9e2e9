/**
 * Hands text to htmlparser2 in bounded memory. It gives out plain text as it is read, but holds a CDATA section until
 * its end, however long (one may be all the output of a test). A section that is open where a piece ends is therefore
 * closed there, and opened again before the next piece.
 */
import type { Parser } from 'htmlparser2';

const OPEN = '<![CDATA[';
const CLOSE = ']]>';

export class XmlFeed {
  readonly #parser: Parser;
  /** Characters given to the parser, with those that were added here. */
  #fed = 0;
  /** Brackets at the end of a piece: they may belong to the end of a section. */
  #held = '';
  #inSection = false;
  /** How the first thing begins that the parser has not given out. */
  #opening = '';

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** Characters that the parser holds, for the end of a tag, comment or declaration has not come. */
  get pending(): number {
    return this.#fed - this.#parser.startIndex;
  }

  write(piece: string): void {
    const text = this.#held + piece;
    this.#held = /\]{1,2}$/.exec(text)?.[0] ?? '';
    const sure = text.slice(0, text.length - this.#held.length);
    this.#feed(this.#inSection ? OPEN + sure : sure);
    if (this.#inSection) this.#feed(CLOSE);
  }

  /** Gives out what was held back; call before the parser's own end. */
  flush(): void {
    if (this.#held === '') return;
    this.#feed(this.#inSection ? OPEN + this.#held : this.#held);
    this.#held = '';
  }

  #feed(text: string): void {
    this.#fed += text.length;
    this.#parser.write(text);
    const unread = text.length - this.pending;
    const before = unread < 0 ? this.#opening : '';
    this.#opening = (before + text.slice(Math.max(unread, 0))).slice(0, OPEN.length);
    this.#inSection = this.#opening === OPEN;
  }
}
