/** What a stand-in remembers from command to command: one JSON file, changed by one process at a time. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAtomic } from '../../../src/host/atomic-write.ts';
import { createLocks } from '../../../src/host/locks.ts';
import { serve } from './service.ts';

/** No command of a stand-in holds its state for long; one that waits so long has found a bug. */
const WAIT_MS = 120_000;

/**
 * Runs work on the state with all other processes held off, and keeps what the work has changed in it. When the work
 * throws, nothing is kept. A file that is not there is the state `{}`, so all that `S` holds should be optional.
 */
export async function withState<S extends object, T>(
  file: string,
  work: (state: S) => T | Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  return serve(async () => {
    const locks = createLocks(`${file}.locks`);
    const unlock = await locks.acquire('state', { signal: AbortSignal.timeout(WAIT_MS) });
    try {
      const state = await readState<S>(file);
      const result = await work(state);
      await writeAtomic(file, JSON.stringify(state, null, 2));
      return result;
    } finally {
      await unlock();
    }
  });
}

/** A look at the state as it was last kept. */
export async function readState<S extends object>(file: string): Promise<S> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as S;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {} as S;
    throw error;
  }
}
