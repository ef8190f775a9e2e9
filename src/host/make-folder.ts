import { mkdir } from 'node:fs/promises';
import { notWritten } from './atomic-write.ts';

/**
 * Makes a folder of ours, and those above it. @param mode default: for this user only.
 * @throws VmtestError `FILE_NOT_WRITTEN`
 */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Only then: on a read-only file system Node calls a recursive mkdir's failure ENOENT.
    if (code === 'ENOENT') await makeAll(path, mode);
    else if (code !== 'EEXIST') throw notWritten(path, error);
  }
}

async function makeAll(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw notWritten(path, error);
  }
}
