import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { notWritten } from './atomic-write.ts';

/**
 * Makes a folder of ours, and those above it: one by one, since of a recursive `mkdir` on a read-only file system Node says
 * that the folder does not exist. @param mode default: for this user only.
 * @throws VmtestError `FILE_NOT_WRITTEN`
 */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  if (await isMade(path, mode)) return;
  await makeFolder(dirname(path), mode);
  if (await isMade(path, mode)) return;
  // Somebody takes the folders above away, or the file system (/proc) makes none.
  throw notWritten(path, Object.assign(new Error('no folder can be made there'), { code: 'ENOENT' }));
}

/** False when the one above is missing. */
async function isMade(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    if (code !== 'EEXIST') throw notWritten(path, error);
  }
  return true;
}
