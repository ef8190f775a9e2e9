/** The bytes of a console as text: whole lines for those who wait for one, and what stands on the last, open line. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { VmtestError } from '../../host/errors.ts';
import { consoleLost } from './errors.ts';

/** Characters. A guest that never ends its line has it cut: nothing of ours is as long. */
const MOST_LINE = 16 * 1024;

export class ConsoleLine {
  readonly #stream: Duplex;
  /** The line without an end yet. */
  #open = '';
  /** The last line that has ended and is not empty. */
  #last = '';
  #heardAt = performance.now();
  #lost: VmtestError | undefined;
  readonly #ended = new AbortController();
  /** Told of every line that ends, without its end. */
  onLine: (line: string) => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    // One character a byte: noise need not be UTF-8.
    stream.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
    stream.on('error', (error) => this.#lose(error.message, error));
    stream.on('close', () => this.#lose('it was closed'));
    stream.on('end', () => this.#lose('it was closed'));
  }

  get lost(): VmtestError | undefined {
    return this.#lost;
  }

  /** Aborts with the loss. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Where a prompt stands: the open line, or an empty text. */
  get prompt(): string {
    return this.#open;
  }

  /** What a person would see last. */
  get shown(): string {
    return printable(this.#open) || printable(this.#last);
  }

  /** Milliseconds since the guest last printed anything. */
  get quietFor(): number {
    return performance.now() - this.#heardAt;
  }

  /** Resolves when it has left for the guest, as far as this host can tell. */
  async write(text: string): Promise<void> {
    if (this.#lost) throw this.#lost;
    if (this.#stream.write(text, 'latin1')) return;
    await once(this.#stream, 'drain', { signal: this.#ended.signal }).catch(() => {});
    if (this.#lost) throw this.#lost;
  }

  close(): void {
    this.#stream.destroy();
    this.#lose('it was closed');
  }

  #read(text: string): void {
    this.#heardAt = performance.now();
    const [first = '', ...rest] = text.split('\n');
    this.#open += first;
    for (const part of rest) {
      const line = this.#open.replace(/\r+$/, '');
      this.#open = part;
      if (line !== '') this.#last = line;
      this.onLine(line);
    }
    if (this.#open.length > MOST_LINE) this.#open = this.#open.slice(-MOST_LINE / 2);
  }

  #lose(why: string, cause?: unknown): void {
    this.#lost ??= consoleLost(why, cause);
    this.#ended.abort(this.#lost);
  }
}

/** Without escape sequences and other control characters, which prompts are full of. */
export function printable(text: string): string {
  return text.replace(/\x1b(?:\[[\d;?]*[A-Za-z]|\][^\x07]*\x07|.)|[\x00-\x1f\x7f]/g, '').trim();
}
