/**
 * Locks between processes, by name, that survive the death of their owner.
 *
 * A lock is a folder of numbered generations, each a folder with one empty file in it: `held.TAG` while the process of
 * that tag has the lock, `free` afterwards. Whoever renames a prepared folder to the next number owns the lock; the
 * number is taken exactly once, by the file system. The next one may be taken when the highest is free or its owner is dead.
 * The highest generation is never deleted, so a slow process that takes an old number sees a higher one and steps back:
 * there is no moment at which a dead owner's lock is removed and two successors both believe it is theirs.
 *
 * All that is known stands in names: there is no content that could be half written, or be lost with a full disk, and
 * nothing that a file system without hard links could not do.
 */
import { createHash } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { notWritten } from './atomic-write.ts';
import { sleep } from './deadline.ts';
import { VmtestError } from './errors.ts';
import type { Locks, Unlock } from './host.ts';
import { makeFolder } from './make-folder.ts';
import { namesIn } from './names-in.ts';
import { type Liveness, ownIdentity, readTag, tagOf } from './process-identity.ts';
import { removeUnfinished, temporaryName } from './temporary.ts';

const POLL_MS = { first: 10, last: 200 };

/** By other users, too: a run under sudo in one's own state folder is alive as well. */
const READABLE = 0o755;

const FREE = 'free';
const HELD = 'held.';

export function createLocks(folder: string): Locks {
  const pathOf = (name: string) => join(folder, fileNameOf(name));
  const tryAcquire = (name: string) => takeNext(pathOf(name));
  return {
    tryAcquire,
    acquire: async (name, { signal, onWait }) => {
      let pause = POLL_MS.first;
      for (;;) {
        signal.throwIfAborted();
        const unlock = await tryAcquire(name);
        // Nobody waits for it any more: who would give it back?
        if (unlock && signal.aborted) await unlock();
        signal.throwIfAborted();
        if (unlock) return unlock;
        if (pause === POLL_MS.first) onWait?.(await describeHolder(pathOf(name)));
        // Waiters that came together must not all look at the same moments.
        await sleep(pause * (0.5 + Math.random()), signal);
        pause = Math.min(pause * 2, POLL_MS.last);
      }
    },
    sweep: async (dryRun) => {
      const freed: string[] = [];
      for (const name of await namesIn(folder)) {
        freed.push(...(await freeDead(join(folder, name), dryRun).catch(() => [])));
      }
      return freed;
    },
  };
}

/** File systems end names at 255 bytes, and a lock's name may hold a whole path. */
const LONGEST = 120;

function fileNameOf(name: string): string {
  const encoded = encodeURIComponent(name);
  if (encoded.length <= LONGEST) return encoded;
  return `${encoded.slice(0, 60)}~${createHash('sha256').update(name).digest('hex')}`;
}

async function takeNext(folder: string): Promise<Unlock | undefined> {
  await makeFolder(folder, READABLE);
  const highest = Math.max(0, ...(await generations(folder)));
  if (highest > 0 && !isFree(await holderOf(join(folder, String(highest))))) return undefined;
  const mine = highest + 1;
  const path = join(folder, String(mine));
  if (!(await putInPlace(path))) return undefined;
  if (Math.max(...(await generations(folder))) > mine) {
    await retire(path);
    return undefined;
  }
  await removeOlder(folder, mine);
  return releaseOnce(path);
}

function releaseOnce(path: string): Unlock {
  let released: Promise<void> | undefined;
  return () => {
    released ??= rename(join(path, ownName()), join(path, FREE));
    return released;
  };
}

/** True when this call put the generation there. */
async function putInPlace(path: string): Promise<boolean> {
  const prepared = temporaryName(path);
  try {
    await makeFolder(prepared, READABLE);
    await writeFile(join(prepared, ownName()), '');
    await rename(prepared, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    // What Windows says of both.
    if (code === 'EPERM' && (await namesIn(path)).length > 0) return false;
    throw error instanceof VmtestError ? error : notWritten(path, error);
  } finally {
    await remove(prepared);
  }
}

type Holder = { state: 'free' | 'gone' } | { state: 'held'; pid: number; liveness: Liveness };

/** @throws VmtestError `LOCK_DAMAGED` when nobody can tell. */
async function holderOf(path: string): Promise<Holder> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    // What vanished was an older one: somebody is ahead of us, and the next look will tell.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'gone' };
    throw damaged(path, error);
  }
  if (names.includes(FREE)) return { state: 'free' };
  const [name = ''] = names;
  const owner = name.startsWith(HELD) ? readTag(name.slice(HELD.length)) : undefined;
  if (!owner || names.length > 1) throw damaged(path);
  return { state: 'held', ...owner };
}

function isFree(holder: Holder): boolean {
  return holder.state === 'free' || (holder.state === 'held' && holder.liveness === 'dead');
}

function ownName(): string {
  return `${HELD}${tagOf(ownIdentity())}`;
}

/** To take such a lock might be to take it from a living run; so it is for a person to say. */
function damaged(path: string, cause?: unknown): VmtestError {
  const why = cause === undefined ? '' : ` (${(cause as NodeJS.ErrnoException).code ?? cause})`;
  return new VmtestError('LOCK_DAMAGED', `nobody can tell who holds the lock ${path}${why}`, {
    hint: `When no vmtest runs on this host, delete it: rm -r ${join(path, '..')}`,
    cause,
  });
}

async function generations(folder: string): Promise<number[]> {
  return (await namesIn(folder)).filter((name) => /^\d{1,15}$/.test(name)).map(Number);
}

async function removeOlder(folder: string, mine: number): Promise<void> {
  for (const generation of await generations(folder)) {
    if (generation < mine) await retire(join(folder, String(generation)));
  }
}

/** In one step: somebody may be reading it, and half a generation looks damaged. */
async function retire(path: string): Promise<void> {
  const aside = temporaryName(path);
  await rename(path, aside).catch(() => {});
  await remove(aside);
}

/** Of no consequence when it fails: whoever has the lock next tries again. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** What dead processes left: the lock itself, and preparations. A damaged one stays, for whoever wants to have it. */
async function freeDead(folder: string, dryRun: boolean): Promise<string[]> {
  const unfinished = await removeUnfinished(folder, { dryRun });
  const highest = Math.max(0, ...(await generations(folder)));
  const holder = await holderOf(join(folder, String(highest)));
  if (holder.state !== 'held' || holder.liveness !== 'dead') return unfinished;
  if (!dryRun) {
    const unlock = await takeNext(folder);
    await unlock?.();
  }
  return [...unfinished, `lock ${shownName(folder)} of process ${holder.pid}`];
}

/** One that was shortened may end in the middle of a character. */
function shownName(folder: string): string {
  const name = basename(folder);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function describeHolder(folder: string): Promise<string> {
  const highest = Math.max(0, ...(await generations(folder)));
  const holder = await holderOf(join(folder, String(highest)));
  if (holder.state !== 'held') return 'another process';
  if (holder.liveness !== 'foreign') return `process ${holder.pid}`;
  return `process ${holder.pid} of another host or container (when that is gone, delete ${folder})`;
}
