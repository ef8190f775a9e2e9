/**
 * A real QEMU guest behind a stand-in's machine: the tiny guest, on a small disk of its own, with snapshots inside that
 * disk. A backing is one machine; which names, states and rights it has is the stand-in's business. Calls for one
 * backing do not overlap.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { copyDisk, deleteFromDisk, linkDisk, makeDisk, restoreDisk, snapshotDisk } from './disk.ts';
import { type Backing, type BackingState, filesOf, tagOf } from './files.ts';
import { humanMonitor, monitor } from './monitor.ts';
import { isAlive, killProcess, lastWords, type StartOptions, startProcess } from './process.ts';
import { readState, withState } from './store.ts';

export { GUEST_VARIABLE, STATE_VARIABLE } from '../environment.ts';
export { guestAgent, guestExec, readGuestFile, writeGuestFile } from './agent.ts';
export type { Backing } from './files.ts';
export { monitor } from './monitor.ts';

const START_MS = 60_000;
const QUIT_MS = 2_000;
const POLL_MS = 20;

export async function createBacking(folder: string): Promise<Backing> {
  await makeDisk({ folder });
  return { folder };
}

/** A linked clone: off, on the parent's disk as it was in that snapshot. */
export async function linkBacking(folder: string, parent: Backing, snapshot: string): Promise<Backing> {
  await linkDisk({ folder }, parent, snapshot);
  return { folder };
}

/** The same of a snapshot with memory, which the clone's first start goes on with. The parent is off. */
export async function linkWithMemory(folder: string, parent: Backing, snapshot: string): Promise<Backing> {
  const backing = { folder };
  await copyDisk(backing, parent);
  await remember(backing, (state) => {
    state.snapshots = { [snapshot]: { live: true } };
  });
  await restoreSnapshot(backing, snapshot);
  return backing;
}

/** With memory when the machine runs (it goes on running), else the disk alone. */
export async function takeSnapshot(backing: Backing, name: string): Promise<{ live: boolean }> {
  const live = await isRunning(backing);
  if (live) await humanMonitor(backing, `savevm ${tagOf(name)}`);
  else await snapshotDisk(backing, name);
  await remember(backing, (state) => {
    state.snapshots = { ...state.snapshots, [name]: { live } };
  });
  return { live };
}

/** The machine is off. The next start goes on where a live snapshot was taken, and boots from any other. */
export async function restoreSnapshot(backing: Backing, name: string): Promise<void> {
  const { snapshots } = await readState<BackingState>(filesOf(backing).state);
  await restoreDisk(backing, name);
  await remember(backing, (state) => {
    state.next = snapshots?.[name]?.live ? name : undefined;
  });
}

/** Forgets the saved memory that the next start would go on with: it boots. */
export function discardMemory(backing: Backing): Promise<void> {
  return remember(backing, (state) => {
    state.next = undefined;
  });
}

/** The machine may run. Clones of the snapshot stay as they are. */
export async function deleteSnapshot(backing: Backing, name: string): Promise<void> {
  if (await isRunning(backing)) await humanMonitor(backing, `delvm ${tagOf(name)}`);
  else await deleteFromDisk(backing, name);
  await remember(backing, (state) => {
    delete state.snapshots?.[name];
    if (state.next === name) state.next = undefined;
  });
}

/** Resolves when its processor runs. @throws Error with what QEMU said when it does not come up. */
export async function startBacking(backing: Backing, options: StartOptions): Promise<void> {
  if (await isRunning(backing)) throw new Error(`the machine in ${backing.folder} runs already`);
  const { next } = await readState<BackingState>(filesOf(backing).state);
  await startProcess(backing, options, next === undefined ? undefined : tagOf(next));
  const up = new AbortController();
  try {
    await Promise.race([
      monitor(
        backing,
        'query-status',
        undefined,
        AbortSignal.any([up.signal, AbortSignal.timeout(START_MS)]),
      ),
      ended(backing, up.signal),
    ]);
  } catch (error) {
    await killProcess(backing);
    throw new Error(`QEMU did not come up: ${await lastWords(backing)}`, { cause: error });
  } finally {
    up.abort();
  }
  await discardMemory(backing);
}

export function isRunning(backing: Backing): Promise<boolean> {
  return isAlive(backing);
}

/** Asks the guest to power off. Resolves at once. */
export async function powerButton(backing: Backing): Promise<void> {
  await monitor(backing, 'system_powerdown');
}

/** By force, at once. What the guest had written to its disk is there. Nothing running is no error. */
export async function kill(backing: Backing): Promise<void> {
  if (!(await isRunning(backing))) return;
  await monitor(backing, 'quit', undefined, AbortSignal.timeout(QUIT_MS)).catch(() => {});
  for (const end = Date.now() + QUIT_MS; Date.now() < end && (await isRunning(backing)); )
    await delay(POLL_MS);
  await killProcess(backing);
}

/** The machine with all of its files. It does not run. */
export function removeBacking(backing: Backing): Promise<void> {
  return rm(backing.folder, { recursive: true, force: true });
}

export async function screendump(backing: Backing, pngPath: string): Promise<void> {
  await monitor(backing, 'screendump', { filename: pngPath, format: 'png' });
}

function remember(backing: Backing, change: (state: BackingState) => void): Promise<void> {
  return withState<BackingState, void>(filesOf(backing).state, change);
}

/** Throws when the process ends before the signal comes. */
async function ended(backing: Backing, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!(await isRunning(backing))) throw new Error('it ended');
    await delay(POLL_MS);
  }
}
