/** `engine.log` of a cell: the commands that its driver ran, for people who want to repeat or report them. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { commandLines } from '../host/command-line.ts';
import type { ToldCommand } from '../host/exec.ts';

/** Characters. An engine that is asked every second for hours fills no disk. */
const LONGEST = 4 * 1024 * 1024;

export class EngineLog {
  readonly #path: string;
  #file: WriteStream | undefined;
  #left = LONGEST;

  /** Makes no file before there is something to write. */
  constructor(path: string) {
    this.#path = path;
  }

  /** @param command fit to be seen, see `command-mask.ts`. */
  write(command: ToldCommand): void {
    if (this.#left <= 0) return;
    const lines = `${commandLines(command)}\n`;
    this.#left -= lines.length;
    this.#file ??= createWriteStream(this.#path).on('error', () => {});
    this.#file.write(this.#left > 0 ? lines : '(the commands that follow are not written down)\n');
  }

  /** Never rejects: no verdict stands on this file. */
  async end(): Promise<void> {
    if (!this.#file) return;
    this.#file.end();
    await finished(this.#file).catch(() => {});
  }
}
