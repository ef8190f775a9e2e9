/** Where the bytes of a result file come from, with a cap and without exceptions. */
import { createReadStream } from 'node:fs';
import type { Problems } from './problems.ts';

/** A path, or bytes from anywhere. */
export type ResultSource = string | AsyncIterable<Uint8Array>;

export interface ByteSource {
  bytes: AsyncIterable<Uint8Array>;
  /** After the bytes have been read: true when they were all. */
  whole(): boolean;
}

export function openSource(source: ResultSource, limit: number, problems: Problems): ByteSource {
  let whole = false;
  let size = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of typeof source === 'string' ? createReadStream(source) : source) {
        const rest = limit - size;
        size += chunk.length;
        yield chunk.subarray(0, rest);
        if (chunk.length > rest) {
          problems.add(`the file is longer than ${limit} bytes; the rest was not read`);
          return;
        }
      }
      whole = true;
    } catch (error) {
      problems.add(`the file could not be read: ${reason(error)}`);
    }
  }
  return { bytes: bytes(), whole: () => whole };
}

/** The path is left out: the problem is shown beside the file's name. */
function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
