import { VmtestError } from '../../host/errors.ts';

/** Bytes of a stream, as many as are asked for. Nothing is read ahead of need. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return true;
      this.#chunk = value;
    }
    return false;
  }

  /** At least one byte, at most `most`; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    if (await this.isAtEnd()) return undefined;
    const bytes = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(bytes.length);
    return bytes;
  }

  /** @throws VmtestError `GUEST_ARCHIVE_DAMAGED` when the stream ends before. */
  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      if (part === undefined) throw damagedArchive('it ends too early');
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  /** The stream is no longer wanted. */
  async stop(): Promise<void> {
    await this.#source.return?.();
  }
}

export function damagedArchive(why: string): VmtestError {
  return new VmtestError('GUEST_ARCHIVE_DAMAGED', `the archive that came from the guest is damaged: ${why}`, {
    hint: 'Is there room on the guest’s disk, and is its `tar` well?',
    retryable: true,
  });
}
