/**
 * A cell's output: masked, bounded, written to `output.log` as it comes, and told in whole lines. stdout and stderr are
 * told apart in the telling, and merged in the file in the order in which they arrived.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createLineSplitter, type LineSplitter } from '../results/lines.ts';
import type { Redactor, RedactStream } from '../results/redact.ts';
import { BoundedOutput, type OutputLimit, type OutputStream } from './bounded-output.ts';

/** Characters. */
const TAIL = 4_096;

const STREAMS = ['stdout', 'stderr'] as const;

interface Pipe {
  decoder: TextDecoder;
  redact: RedactStream;
  lines: LineSplitter;
}

export class CellLog {
  readonly #file: WriteStream;
  readonly #onLines: (stream: OutputStream, text: string) => void;
  readonly #pipes: Record<OutputStream, Pipe>;
  readonly #bounded: BoundedOutput;
  #failure: Error | undefined;
  #tail = '';

  constructor(
    path: string,
    redactor: Redactor,
    onLines: (stream: OutputStream, text: string) => void,
    limit?: OutputLimit,
  ) {
    this.#file = createWriteStream(path);
    this.#file.on('error', (error) => {
      this.#failure = error;
    });
    this.#onLines = onLines;
    this.#bounded = new BoundedOutput((stream, text) => this.#pass(stream, text), limit);
    this.#pipes = { stdout: newPipe(redactor), stderr: newPipe(redactor) };
  }

  write(stream: OutputStream, chunk: Buffer): void {
    const { decoder, redact } = this.#pipes[stream];
    this.#put(stream, redact.write(decoder.decode(chunk, { stream: true })));
  }

  /** The last lines so far, for reports that show no more. */
  tail(): string {
    const from = this.#tail.length - TAIL;
    return from <= 0 ? this.#tail : this.#tail.slice(this.#tail.indexOf('\n', from) + 1);
  }

  /** Flushes what is held back, and resolves when the file is whole. Rejects when it could not be written. */
  async end(): Promise<void> {
    for (const stream of STREAMS) {
      const { decoder, redact } = this.#pipes[stream];
      this.#put(stream, redact.write(decoder.decode()) + redact.end());
    }
    this.#bounded.end();
    for (const stream of STREAMS) this.#tell(stream, this.#pipes[stream].lines.end());
    this.#file.end();
    await finished(this.#file).catch((error: Error) => {
      this.#failure ??= error;
    });
    if (this.#failure) throw this.#failure;
  }

  #put(stream: OutputStream, text: string): void {
    if (text === '') return;
    this.#tail = (this.#tail + text).slice(-2 * TAIL);
    this.#bounded.write(stream, text);
  }

  #pass(stream: OutputStream, text: string): void {
    this.#file.write(text);
    this.#tell(stream, this.#pipes[stream].lines.write(text));
  }

  #tell(stream: OutputStream, lines: string): void {
    if (lines !== '') this.#onLines(stream, lines);
  }
}

function newPipe(redactor: Redactor): Pipe {
  return { decoder: new TextDecoder(), redact: redactor.stream(), lines: createLineSplitter() };
}
