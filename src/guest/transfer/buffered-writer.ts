import type { FileHandle } from 'node:fs/promises';

const FLUSH_BYTES = 1024 * 1024;

/** Writes a file piece by piece, in large strokes. */
export class BufferedWriter {
  readonly #file: FileHandle;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** All that has been put, written or not. */
  get bytes(): number {
    return this.#bytes;
  }

  async put(piece: Buffer): Promise<void> {
    if (piece.length === 0) return;
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    this.#bytes += piece.length;
    if (this.#heldBytes >= FLUSH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const whole = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    for (let at = 0; at < whole.length; ) {
      const { bytesWritten } = await this.#file.write(whole, at);
      at += bytesWritten;
    }
  }
}
