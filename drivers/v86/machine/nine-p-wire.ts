/** Messages of 9P: little-endian numbers, texts with their length in front. */

/** Reads what a guest sent: whatever is not there throws a `RangeError`. */
export class NineReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#data = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  }

  u8(): number {
    return this.#data.readUInt8(this.#pass(1));
  }

  u16(): number {
    return this.#data.readUInt16LE(this.#pass(2));
  }

  u32(): number {
    return this.#data.readUInt32LE(this.#pass(4));
  }

  /** Inexact beyond 2^53, which is beyond the length of any file here. */
  u64(): number {
    return Number(this.#data.readBigUInt64LE(this.#pass(8)));
  }

  text(): string {
    return this.bytes(this.u16()).toString('utf8');
  }

  bytes(length: number): Buffer {
    const from = this.#pass(length);
    if (this.#at > this.#data.length) throw new RangeError('the message is shorter than it says');
    return this.#data.subarray(from, this.#at);
  }

  #pass(bytes: number): number {
    const from = this.#at;
    this.#at += bytes;
    return from;
  }
}

export class NineWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.bytes(Buffer.from([value]));
  }

  u16(value: number): this {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    return this.bytes(part);
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    return this.bytes(part);
  }

  u64(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    return this.bytes(part);
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    return this.u16(bytes.length).bytes(bytes);
  }

  bytes(data: Buffer): this {
    this.#parts.push(data);
    return this;
  }

  body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** The body behind its head: length of all, type, tag. */
  message(type: number, tag: number): Buffer {
    const body = this.body();
    return new NineWriter()
      .u32(7 + body.length)
      .u8(type)
      .u16(tag)
      .bytes(body)
      .body();
  }
}
