import type { Readable } from 'node:stream';

/** A stream in pieces of one size (the last one may be smaller); at least one piece, so that an empty file is made too. */
export async function* piecesOf(input: Readable, size: number): AsyncGenerator<Buffer, void> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    parts.push(chunk);
    held += chunk.length;
    if (held < size) continue;
    let whole = Buffer.concat(parts);
    for (; whole.length >= size; whole = whole.subarray(size)) yield whole.subarray(0, size);
    parts = [whole];
    held = whole.length;
  }
  yield Buffer.concat(parts);
}
