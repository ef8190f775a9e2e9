/** The vendor's books: which VMs are registered, what they are doing, and their snapshots. */
import { join } from 'node:path';
import { STATE_VARIABLE } from '../environment.ts';
import { type Backing, isRunning } from '../machine/backing.ts';
import { readState, withState } from '../machine/store.ts';
import { Failure, isBusy, notFound } from './failure.ts';
import { hasFault } from './faults.ts';

export interface Snapshot {
  name: string;
  date: string;
  state: 'poweroff' | 'poweron';
  parent: string;
}

export interface Vm {
  name: string;
  home: string;
  mac: string;
  address: string;
  status: 'running' | 'stopped' | 'suspended' | 'paused' | 'invalid';
  /** Another word for the status, until a time. */
  meanwhile?: { words: [word: string, until: number][] } | undefined;
  /** Nobody may change it before. */
  lockedUntil?: number;
  snapshots: Record<string, Snapshot>;
  current: string;
  tools: 'installed' | 'not_installed';
  serial?: string;
  settings: Record<string, string>;
  /** The VM whose snapshot it is a linked clone of. */
  cloneOf?: { vm: string; snapshot: string };
}

export interface Books {
  /** By UUID, without braces. */
  vms?: Record<string, Vm>;
  execs?: number;
}

export function stateFolder(): string {
  const folder = process.env[STATE_VARIABLE];
  if (folder === undefined) throw new Error(`${STATE_VARIABLE} is not set`);
  return folder;
}

const booksFile = () => join(stateFolder(), 'parallels.json');

export function changeBooks<T>(work: (books: Books) => T | Promise<T>): Promise<T> {
  return withState<Books, T>(booksFile(), work);
}

export async function lookUp(id: string, doing: string): Promise<{ id: string; vm: Vm }> {
  return findIn(await readState<Books>(booksFile()), id, doing);
}

export async function allVms(): Promise<[id: string, vm: Vm][]> {
  return Object.entries((await readState<Books>(booksFile())).vms ?? {});
}

export function findIn(books: Books, wanted: string, doing: string): { id: string; vm: Vm } {
  const bare = wanted.replaceAll(/[{}]/g, '').toLowerCase();
  for (const [id, vm] of Object.entries(books.vms ?? {})) {
    if (id === bare || vm.name === wanted) return { id, vm };
  }
  throw notFound(doing);
}

/** Short: sockets lie in it. */
export function backingOf(id: string): Backing {
  return { folder: join(stateFolder(), id.slice(0, 8)) };
}

/** As `prlctl list` has it. A guest that powered itself off is noticed here. */
export async function statusOf(id: string, vm: Vm): Promise<string> {
  const now = Date.now();
  const meanwhile = vm.meanwhile?.words.find(([, until]) => now < until);
  if (meanwhile) return meanwhile[0];
  if ((vm.status === 'running' || vm.status === 'paused') && !(await isRunning(backingOf(id))))
    return 'stopped';
  return vm.status;
}

/** What every command that changes a VM asks first. */
export async function mustBe(
  id: string,
  vm: Vm,
  doing: string,
  ...allowed: Vm['status'][]
): Promise<Vm['status']> {
  const status = await statusOf(id, vm);
  if (vm.lockedUntil !== undefined && Date.now() < vm.lockedUntil && hasFault('lingering-lock')) {
    throw isBusy(doing, 'being stopped');
  }
  if (!(allowed as string[]).includes(status)) throw isBusy(doing, status);
  vm.status = status as Vm['status'];
  return vm.status;
}

export function snapshotIn(
  vm: Vm,
  id: string | undefined,
  doing: string,
): { id: string; snapshot: Snapshot } {
  const snapshot = id === undefined ? undefined : vm.snapshots[id];
  if (id === undefined || !snapshot) {
    throw new Failure(`Failed to ${doing}: The snapshot with the specified ID was not found.`);
  }
  return { id, snapshot };
}
