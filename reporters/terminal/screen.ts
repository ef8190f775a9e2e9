/**
 * A terminal with a part that stays (it scrolls away like any output) and, below it, a part that moves. One write a
 * change, and only the lines that differ. What others write to the terminal meanwhile is put into the part that stays.
 */
import { ProcessOutputStream } from 'listr2';
import { type Line, renderLine } from '../text/line.ts';
import { displayWidth, fitLine } from '../text/width.ts';
import { asciiLine } from './look.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_TO_END = '\x1b[J';
const CLEAR_LINE_END = '\x1b[K';

export interface ScreenOptions {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WritableStream;
  color: boolean;
  unicode: boolean;
}

export class Screen {
  readonly #options: ScreenOptions;
  readonly #streams: ProcessOutputStream[];
  /** The lines of the moving part as they stand on the terminal. */
  #drawn: string[] = [];
  #drawnColumns: number;
  #open = false;

  constructor(options: ScreenOptions) {
    const { stdout, stderr } = options;
    this.#options = options;
    // What goes to a file does not disturb the picture.
    const terminals = isTerminal(stderr) && stderr !== stdout ? [stdout, stderr] : [stdout];
    this.#streams = terminals.map((stream) => new ProcessOutputStream(stream));
    this.#drawnColumns = this.columns;
  }

  /** Usable columns: in the last one terminals differ in what comes next. */
  get columns(): number {
    return Math.max(1, (this.#options.stdout.columns || 80) - 1);
  }

  get rows(): number {
    return Math.max(2, this.#options.stdout.rows || 24);
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#write(HIDE_CURSOR);
    for (const stream of this.#streams) stream.hijack();
    process.on('exit', this.#restore);
  }

  /** @param lasting lines that stay, above the moving ones. */
  paint(lasting: readonly Line[], moving: readonly Line[]): void {
    const next = moving.map((line) => this.#fitted(line));
    const stays = [...this.#foreignLines(), ...lasting.map((line) => this.#fitted(line))];
    const repaint = stays.length > 0 || this.#drawnColumns !== this.columns;
    const same = repaint ? 0 : commonStart(this.#drawn, next);
    if (!repaint && same === next.length && same === this.#drawn.length) return;
    const lines = [...stays, ...next.slice(same)].map((line) => `${line}${CLEAR_LINE_END}\n`);
    this.#write(this.#backTo(same) + (repaint ? CLEAR_TO_END : '') + lines.join('') + CLEAR_TO_END);
    this.#drawn = next;
    this.#drawnColumns = this.columns;
  }

  /** Takes the moving part away and gives the terminal back. May be called at any time, and again. */
  close(): void {
    if (!this.#open) return;
    this.paint([], []);
    this.#restore();
  }

  /** Lines of any width, when nothing moves any more. Resolves when they are with the system. */
  print(lines: readonly Line[]): Promise<void> {
    const text = lines.map((line) => `${this.#rendered(line)}\n`).join('');
    return new Promise((resolve) => {
      this.#options.stdout.write(text, () => resolve());
    });
  }

  /** Without touching what is on it. */
  giveBack(): void {
    this.#restore();
  }

  /** On every way out, also `process.exit`: the cursor is back, and what others wrote is not lost. */
  readonly #restore = (): void => {
    process.off('exit', this.#restore);
    if (!this.#open) return;
    this.#open = false;
    const left = this.#streams.flatMap((stream) => stream.release());
    // A terminal shows `^C` where the cursor stands: below the picture, in front of what comes now.
    this.#write(`\r${CLEAR_TO_END}${left.map(({ entry }) => entry).join('')}${SHOW_CURSOR}`);
  };

  /** Whole lines that others wrote since the last time. */
  #foreignLines(): string[] {
    if (!this.#open) return [];
    const entries = this.#streams.flatMap((stream) => {
      const written = stream.release();
      stream.hijack();
      return written;
    });
    if (entries.length === 0) return [];
    const text = entries
      .sort((a, b) => a.time - b.time)
      .map(({ entry }) => entry)
      .join('');
    return text.replace(/\n$/, '').split('\n');
  }

  /** To the start of a line of the moving part, from the line below it. */
  #backTo(line: number): string {
    const below = this.#drawn.slice(line);
    // A terminal that got narrower has wrapped what stood there.
    const rows =
      this.columns < this.#drawnColumns
        ? below.reduce(
            (sum, text) => sum + Math.max(1, Math.ceil(displayWidth(text) / (this.columns + 1))),
            0,
          )
        : below.length;
    return rows === 0 ? '\r' : `\r\x1b[${rows}A`;
  }

  /** Rendered, and never wider than the screen: what disarms commands for CI runners may make a line longer. */
  #fitted(line: Line): string {
    const { unicode, color } = this.#options;
    const plain = unicode ? line : asciiLine(line);
    const render = (width: number) => renderLine(fitLine(plain, width, unicode ? '…' : '...'), color);
    for (let room = this.columns; ; ) {
      const text = render(room);
      const excess = displayWidth(text) - this.columns;
      if (excess <= 0 || room === 0) return text;
      room = Math.max(0, room - excess);
    }
  }

  #rendered(line: Line): string {
    const { unicode, color } = this.#options;
    return renderLine(unicode ? line : asciiLine(line), color);
  }

  #write(text: string): void {
    this.#streams[0]?.write(text);
  }
}

function isTerminal(stream: NodeJS.WritableStream): stream is NodeJS.WriteStream {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true;
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return same;
}
