/**
 * A console's log: kept from filling the disk, and read for errors. What a guest prints is not to be trusted, and QEMU
 * writes its log without a limit.
 */
import { appendFile, open, stat, truncate } from 'node:fs/promises';

export interface LogLimit {
  /** Bytes above which the log is cut. */
  largest: number;
  /** Bytes of its beginning that stay. */
  keep: number;
}

/** A boot prints some tens of kilobytes. */
const LIMIT: LogLimit = { largest: 16 * 1024 ** 2, keep: 8 * 1024 ** 2 };
const LOOK_EVERY_MS = 2_000;

/**
 * Watches until the function returned is called. The beginning (the boot) stays, and so does what was printed last; a
 * line in between says what is missing. QEMU appends, so it goes on behind whatever is left.
 */
export function limitConsoleLog(path: string): () => void {
  const timer = setInterval(() => {
    cutConsoleLog(path, LIMIT).catch(() => {});
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export async function cutConsoleLog(path: string, { largest, keep }: LogLimit): Promise<void> {
  const { size } = await stat(path);
  if (size <= largest) return;
  await truncate(path, keep);
  await appendFile(path, `\n[vmtest: ${size - keep} bytes of console output left out]\n`);
}

const TAIL = 4 * 1024;

/** The end of a log, without control characters; empty when there is none. */
export async function consoleTail(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL), 0, TAIL, Math.max(0, size - TAIL));
    return buffer.toString('utf8', 0, bytesRead).replace(/[^\P{C}\n\t]/gu, '');
  } finally {
    await file.close();
  }
}
