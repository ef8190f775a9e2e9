/** A terminal in memory that knows what vmtest writes, and nothing else: another escape sequence is an error. */
import { Writable } from 'node:stream';

export class VirtualTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  cursorShown = true;
  readonly lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    for (const [piece] of String(chunk).matchAll(/\x1b\[[?\d]*[A-Za-z]|[\s\S]/gu)) this.#obey(piece);
    done();
  }

  get asStream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  /** What is to be seen, without blank lines at the end. */
  get picture(): string {
    return this.lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Gets narrower as most terminals do: lines that are too long now are wrapped. */
  narrow(columns: number): void {
    this.columns = columns;
    const wrapped = this.lines.map((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']);
    this.#row = wrapped.slice(0, this.#row).reduce((sum, rows) => sum + rows.length, 0);
    this.lines.splice(0, this.lines.length, ...wrapped.flat());
  }

  #obey(piece: string): void {
    const up = /^\x1b\[(\d+)A$/.exec(piece);
    if (up) this.#row = Math.max(0, this.#row - Number(up[1]));
    else if (piece === '\x1b[J') this.#clearToEnd();
    else if (piece === '\x1b[K') this.lines[this.#row] = this.#line.slice(0, this.#column);
    else if (piece === '\x1b[?25l') this.cursorShown = false;
    else if (piece === '\x1b[?25h') this.cursorShown = true;
    else if (/^\x1b\[\d+m$/.test(piece)) return;
    else if (piece === '\r') this.#column = 0;
    else if (piece === '\n') this.#newLine();
    else if (/^[\x00-\x1f\x7f-\x9f]/.test(piece))
      throw new Error(`not for a terminal: ${JSON.stringify(piece)}`);
    else this.#put(piece);
  }

  get #line(): string {
    return this.lines[this.#row] ?? '';
  }

  #clearToEnd(): void {
    this.lines[this.#row] = this.#line.slice(0, this.#column);
    this.lines.length = this.#row + 1;
  }

  #newLine(): void {
    this.#row += 1;
    this.#column = 0;
    this.lines[this.#row] ??= '';
  }

  #put(character: string): void {
    this.lines[this.#row] =
      this.#line.slice(0, this.#column) + character + this.#line.slice(this.#column + 1);
    this.#column += character.length;
  }
}
