/**
 * The folder that the guest can mount: `in`, which this host fills and the guest reads, and `out`, the other way round.
 * There is nothing else in it, and the guest can make nothing: what this process holds for it is bounded. It is no part
 * of a saved state, so a restored machine has both files empty.
 */
import { SHARE } from '../protocol.ts';

export class Share {
  #in: Buffer = Buffer.alloc(0);
  #out = Buffer.alloc(0);
  #written = 0;

  /** What the guest reads in `in` from now on. */
  put(data: Buffer): void {
    if (data.length > SHARE.most) throw new Error(`more than ${SHARE.most} bytes at once`);
    this.#in = data;
  }

  /** What the guest has written to `out`, which is empty then. */
  take(): Buffer {
    const data = this.#out.subarray(0, this.#written);
    this.#out = Buffer.alloc(0);
    this.#written = 0;
    return data;
  }

  get inBytes(): number {
    return this.#in.length;
  }

  get outBytes(): number {
    return this.#written;
  }

  readIn(offset: number, length: number): Buffer {
    return this.#in.subarray(offset, offset + length);
  }

  readOut(offset: number, length: number): Buffer {
    return this.#out.subarray(offset, Math.min(offset + length, this.#written));
  }

  /** False when the file would become too long. */
  writeOut(offset: number, data: Buffer): boolean {
    const end = offset + data.length;
    if (end > SHARE.most) return false;
    this.#grow(end);
    data.copy(this.#out, offset);
    this.#written = Math.max(this.#written, end);
    return true;
  }

  /** False when that is too long. */
  resizeOut(bytes: number): boolean {
    if (bytes > SHARE.most) return false;
    this.#grow(bytes);
    // Should it grow again, there are zeros.
    this.#out.fill(0, Math.min(bytes, this.#written));
    this.#written = bytes;
    return true;
  }

  #grow(bytes: number): void {
    if (bytes <= this.#out.length) return;
    const larger = Buffer.alloc(Math.min(SHARE.most, bytes * 2));
    this.#out.copy(larger);
    this.#out = larger;
  }
}
