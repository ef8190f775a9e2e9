/**
 * Locks between processes, by name, that survive the death of their owner.
 *
 * A lock is a folder of numbered generations. Whoever links the next number into place owns the lock; the number is
 * taken exactly once, by the file system. A generation counts as free when its file says so or its owner is dead. The
 * highest generation is never deleted, so a slow process that links an old number sees a higher one and steps back:
 * there is no moment at which a dead owner's lock is removed and two successors both believe it is theirs.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './atomic-write.ts';
import { sleep } from './deadline.ts';
import type { Locks, ProcessIdentity, Unlock } from './host.ts';
import { liveness, ownIdentity } from './process-identity.ts';

const POLL_MS = { first: 10, last: 200 };

interface Holder {
  owner: ProcessIdentity | null;
}

export function createLocks(folder: string): Locks {
  const tryAcquire = (name: string) => takeNext(join(folder, encodeURIComponent(name)));
  return {
    tryAcquire,
    acquire: async (name, { signal, onWait }) => {
      let pause = POLL_MS.first;
      for (;;) {
        signal.throwIfAborted();
        const unlock = await tryAcquire(name);
        if (unlock) return unlock;
        if (pause === POLL_MS.first) onWait?.(await describeHolder(join(folder, encodeURIComponent(name))));
        // Waiters that came together must not all look at the same moments.
        await sleep(pause * (0.5 + Math.random()), signal);
        pause = Math.min(pause * 2, POLL_MS.last);
      }
    },
  };
}

async function takeNext(folder: string): Promise<Unlock | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const highest = Math.max(0, ...(await generations(folder)));
  if (highest > 0 && !(await isFree(join(folder, String(highest))))) return undefined;
  const mine = highest + 1;
  const path = join(folder, String(mine));
  if (!(await linkInPlace(path, { owner: ownIdentity() }))) return undefined;
  if (Math.max(...(await generations(folder))) > mine) {
    await rm(path, { force: true });
    return undefined;
  }
  await removeOlder(folder, mine);
  return releaseOnce(path);
}

function releaseOnce(path: string): Unlock {
  let released: Promise<void> | undefined;
  return () => {
    released ??= writeAtomic(path, JSON.stringify({ owner: null } satisfies Holder));
    return released;
  };
}

/** True when this call put the file there. */
async function linkInPlace(path: string, holder: Holder): Promise<boolean> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(temporary, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isFree(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  // A generation that vanished was an older one: somebody is ahead of us, and the next look will tell.
  if (holder === undefined) return false;
  return holder.owner === null || liveness(holder.owner) === 'dead';
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Files get here whole, by link or rename: one that does not parse was damaged, and its owner is unknown.
    return { owner: null };
  }
}

async function generations(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function removeOlder(folder: string, mine: number): Promise<void> {
  for (const generation of await generations(folder)) {
    if (generation < mine) await rm(join(folder, String(generation)), { force: true });
  }
}

async function describeHolder(folder: string): Promise<string> {
  const highest = Math.max(0, ...(await generations(folder)));
  const holder = await readHolder(join(folder, String(highest)));
  return holder?.owner ? `process ${holder.owner.pid}` : 'another process';
}
