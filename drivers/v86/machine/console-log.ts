/** The console's log: the boot stays, and so does what was printed last. What a guest prints may have no end. */
import { ftruncateSync, openSync, writeSync } from 'node:fs';

export interface LogLimit {
  /** Bytes above which the log is cut. */
  largest: number;
  /** Bytes of its beginning that stay. */
  keep: number;
}

/** A boot prints some tens of kilobytes. */
const LIMIT: LogLimit = { largest: 16 * 1024 ** 2, keep: 8 * 1024 ** 2 };

export class ConsoleLog {
  readonly #file: number;
  readonly #limit: LogLimit;
  #size = 0;

  constructor(path: string, limit: LogLimit = LIMIT) {
    this.#file = openSync(path, 'w', 0o600);
    this.#limit = limit;
  }

  /** A log that cannot be written (a full disk) is no reason to end the guest. */
  append(data: Uint8Array): void {
    try {
      if (this.#size + data.length > this.#limit.largest) this.#cut();
      writeSync(this.#file, data, 0, data.length, this.#size);
      this.#size += data.length;
    } catch {}
  }

  #cut(): void {
    const { keep } = this.#limit;
    const note = Buffer.from(`\n[vmtest: ${this.#size - keep} bytes of console output left out]\n`);
    ftruncateSync(this.#file, keep);
    writeSync(this.#file, note, 0, note.length, keep);
    this.#size = keep + note.length;
  }
}
