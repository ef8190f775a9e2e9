/** The folder that a run writes into. It is emptied first, and so must be one that vmtest made. */
import { readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notWritten } from '../host/atomic-write.ts';
import { VmtestError } from '../host/errors.ts';
import type { Locks, Unlock } from '../host/host.ts';
import { makeFolder } from '../host/make-folder.ts';

/** Says that everything beside it was written by vmtest and may go when the next run starts. */
const MARKER = '.vmtest-results';

/** Makes the folder, empties it, and keeps other runs out of it until it is unlocked. */
export async function claimOutputFolder(folder: string, locks: Locks): Promise<Unlock> {
  await refuseForeign(folder);
  const unlock = await lock(folder, locks);
  try {
    await empty(folder);
    await writeFile(
      join(folder, MARKER),
      'Made by vmtest. The next run that writes here removes everything beside this file.\n',
    );
    return unlock;
  } catch (error) {
    await unlock().catch(() => {});
    throw error instanceof VmtestError ? error : notWritten(folder, error);
  }
}

/** The same for a folder whose contents are wanted: nothing is emptied, and it need not be one that vmtest made. */
export async function shareOutputFolder(folder: string, locks: Locks): Promise<Unlock> {
  await namesIn(folder);
  return lock(folder, locks);
}

/** One folder may have many names: the lock is that of the place. */
async function lock(folder: string, locks: Locks): Promise<Unlock> {
  const place = await make(folder);
  const unlock = await locks.tryAcquire(`output:${place}`);
  if (unlock) return unlock;
  throw new VmtestError('OUTPUT_IN_USE', `another run is writing to ${folder}`, {
    hint: 'Wait for it, or give this run a folder of its own with --output DIR.',
  });
}

async function make(folder: string): Promise<string> {
  try {
    await makeFolder(folder, 0o777);
    return await realpath(folder);
  } catch (error) {
    throw error instanceof VmtestError ? error : notWritten(folder, error);
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names.length === 0 || names.includes(MARKER)) return;
  throw new VmtestError('OUTPUT_NOT_OURS', `${folder} holds files that vmtest did not write`, {
    hint: 'A run empties its output folder first. Choose another with --output DIR, or empty this one.',
  });
}

async function empty(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name !== MARKER) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') {
      throw new VmtestError('OUTPUT_NOT_A_FOLDER', `${folder} is not a folder`, {
        hint: 'Choose another with --output DIR.',
      });
    }
    throw error;
  }
}
