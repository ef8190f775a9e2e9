/** A script's text with a place in it. */

export class ParseError extends Error {}

export class Source {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The character here, or that many further on; empty at the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  /** Takes what the pattern (sticky) matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** Takes this text, if it is here. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) throw this.error(`expected ${JSON.stringify(expected)}`);
  }

  /** Blanks and comments, but no end of a line. */
  skipBlanks(): void {
    this.match(/[ \t]*(?:#[^\n]*)?/y);
  }

  /** Blanks, comments and empty lines. */
  skipLines(): void {
    this.match(/(?:[ \t\r\n]|#[^\n]*)*/y);
  }

  /** The same with what separates statements. */
  skipSeparators(): void {
    this.match(/(?:[ \t\r\n;]|#[^\n]*)*/y);
  }

  error(problem: string): ParseError {
    const before = this.text.slice(0, this.at).split('\n');
    const here = this.text.slice(this.at, this.at + 30).split('\n')[0];
    return new ParseError(`line ${before.length}, at ${JSON.stringify(here)}: ${problem}`);
  }
}
