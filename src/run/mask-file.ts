/** Secrets out of a file that somebody else wrote: an engine writes what its guest prints on the console. */
import { type FileHandle, lstat, open } from 'node:fs/promises';
import type { ByteRedactStream } from '../results/redact.ts';

/** Bytes at once, however long the file is. */
const CHUNK = 256 * 1024;

/**
 * In place, since what is masked is never longer: who appends to the file goes on at its end, and no copy is left when
 * vmtest dies meanwhile. Nothing happens where there is no file. @throws what the file system throws.
 */
export async function maskFile(path: string, mask: ByteRedactStream): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile()) return;
  await using file = await open(path, 'r+');
  const chunk = Buffer.allocUnsafe(CHUNK);
  let read = 0;
  let written = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, read);
    if (bytesRead === 0) break;
    read += bytesRead;
    written += await writeAll(file, mask.write(chunk.subarray(0, bytesRead)), written);
  }
  written += await writeAll(file, mask.end(), written);
  if (written < read) await file.truncate(written);
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<number> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  return bytes.length;
}
