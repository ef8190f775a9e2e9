/**
 * Folders that are costly to make, kept in a cache. A folder is made once, by one process at a time, and out of sight
 * until it is whole: in a partial folder beside it that carries the id of the maker's lease, so that a sweep finds what a
 * dead maker left.
 */
import { chmod, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Host, Lease, LeaseRecord } from './host.ts';
import { makeFolder } from './make-folder.ts';
import { sealFolder } from './sealed-folder.ts';

export interface Buildable {
  /** Where it is to lie. */
  folder: string;
  /** Of the lock that its makers take. */
  lock: string;
  /** What it is, as it reads behind "which is making the same": "clean state". */
  what: string;
  /** Whether it lies there and is whole, which `isSealIntact` helps to tell. */
  isThere(): Promise<boolean>;
  /** Fills the partial folder, which is there and empty; it has no folders in it. */
  build(partial: string): Promise<void>;
}

export interface Builder {
  host: Host;
  lease: Lease;
  signal: AbortSignal;
  progress(message: string): void;
}

/**
 * Makes the folder unless it is there. Waits while another process makes the same one. Nothing is left of what fails.
 * @throws the signal's reason while it waits, and what `build` throws.
 */
export async function buildOnce(
  wanted: Buildable,
  { host, lease, signal, progress }: Builder,
): Promise<void> {
  if (await wanted.isThere()) return;
  const unlock = await host.locks.acquire(wanted.lock, {
    signal,
    onWait: (holder) => progress(`waiting for ${holder}, which is making the same ${wanted.what}`),
  });
  try {
    if (await wanted.isThere()) return;
    if (await exists(wanted.folder)) {
      progress(`the ${wanted.what} in ${wanted.folder} is damaged, and is made anew`);
    }
    const partial = partialFolder(dirname(wanted.folder), lease.record.id);
    await lease.note({ building: partial });
    try {
      await makeFolder(partial);
      await wanted.build(partial);
      await sealFolder(partial);
      await publish(partial, wanted.folder);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  } finally {
    await unlock();
  }
}

/**
 * Removes what a dead maker left half-made below `parent`, and in the cache that it had itself, if that was another. A
 * record may be damaged: only a folder with the very name that belongs to its id is deleted.
 * @returns the folders that were there; with `dryRun` they still are.
 */
export async function sweepPartial(
  parent: string,
  { id, facts }: Pick<LeaseRecord, 'id' | 'facts'>,
  { dryRun }: { dryRun: boolean },
): Promise<string[]> {
  const here = partialFolder(parent, id);
  const noted = String(facts['building'] ?? here);
  const swept: string[] = [];
  for (const folder of new Set(basename(noted) === basename(here) ? [here, noted] : [here])) {
    if (!(await exists(folder))) continue;
    if (!dryRun) await rm(folder, { recursive: true, force: true });
    swept.push(folder);
  }
  return swept;
}

/** Where the maker with that lease works, while it does. */
export function partialFolder(parent: string, leaseId: string): string {
  return join(parent, `.building-${leaseId}`);
}

/** On the disk before it can be found: after a power failure there is either all of it or nothing. */
async function publish(partial: string, folder: string): Promise<void> {
  for (const name of await readdir(partial)) {
    await chmod(join(partial, name), 0o600);
    await sync(join(partial, name));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  // Windows opens no folders, and has no need to.
  if (process.platform !== 'win32') await sync(dirname(folder));
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
