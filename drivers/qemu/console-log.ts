/** Keeps a console's log from filling the disk: guests are not to be trusted, and QEMU writes all that they print. */
import { appendFile, stat, truncate } from 'node:fs/promises';

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
