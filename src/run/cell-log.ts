/**
 * A cell's output: masked, written to `output.log` as it comes, and told line by line. A progress bar that never ends
 * its line still shows up in the file at once, but is told as one line.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { LineSplitter } from '../results/lines.ts';
import { Redactor } from '../results/redact.ts';

export type OutputStream = 'stdout' | 'stderr';

export class CellLog {
  readonly #file: WriteStream;
  readonly #streams: Record<OutputStream, { redactor: Redactor; lines: LineSplitter }>;
  #failure: Error | undefined;

  constructor(
    path: string,
    secrets: readonly string[],
    onLines: (stream: OutputStream, text: string) => void,
  ) {
    this.#file = createWriteStream(path, { flags: 'w', mode: 0o644 });
    this.#file.on('error', (error) => {
      this.#failure = error;
    });
    const stream = (name: OutputStream) => ({
      redactor: new Redactor(secrets),
      lines: new LineSplitter((text) => onLines(name, text)),
    });
    this.#streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  }

  write(stream: OutputStream, chunk: Buffer): void {
    const { redactor, lines } = this.#streams[stream];
    this.#put(redactor.write(chunk), lines);
  }

  /** Flushes what is held back, and resolves when the file is whole. Rejects when it could not be written. */
  async end(): Promise<void> {
    for (const { redactor, lines } of Object.values(this.#streams)) {
      this.#put(redactor.end(), lines);
      lines.end();
    }
    this.#file.end();
    await finished(this.#file).catch((error: Error) => {
      this.#failure ??= error;
    });
    if (this.#failure) throw this.#failure;
  }

  #put(text: string, lines: LineSplitter): void {
    if (text === '') return;
    this.#file.write(text);
    lines.write(text);
  }
}
