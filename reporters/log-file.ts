/** A file that grows while the run goes on, one write at a time. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';

/** Made with its first line and not before: when reporters are made, the run has yet to empty its output folder. */
export class LogFile {
  readonly #path: string;
  #stream: WriteStream | undefined;
  #failure: Error | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  write(text: string): void {
    this.#stream ??= this.#open();
    this.#stream.write(text);
  }

  /** Resolves when all is on disk. Rejects when something could not be written, then or before. */
  async end(): Promise<void> {
    if (this.#stream) await finished(this.#stream.end()).catch(this.#onError);
    if (this.#failure) throw this.#failure;
  }

  #open(): WriteStream {
    mkdirSync(dirname(this.#path), { recursive: true });
    return createWriteStream(this.#path).on('error', this.#onError);
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
  };
}
