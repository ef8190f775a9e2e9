/** What the stand-in remembers of VMs from command to command, and the machines behind them. */
import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readDictionary } from '../../../drivers/vmware/vm-files.ts';
import { type Backing, isRunning, STATE_VARIABLE } from '../machine/backing.ts';
import { readState, withState } from '../machine/store.ts';
import type { Flags } from './command-line.ts';
import { Failure, inUse, noVm } from './failure.ts';
import { hasFault } from './faults.ts';

export interface Snapshot {
  uid: number;
  name: string;
  parent?: number;
  live: boolean;
  /** Microseconds. */
  created: number;
  /** The `.vmx` of then. */
  vmx: string;
}

export interface Machine {
  /** Folder of its backing. */
  backing: string;
  /** A loopback address of its own. */
  address: string;
  snapshots: Snapshot[];
  lastUid: number;
  current?: number;
  encryptionPassword?: string;
  /** Path of the VM that it is a linked clone of. */
  cloneOf?: string;
  /** Its process was started and has not been seen to end. */
  running: boolean;
  /** Its Tools have been up since it was started. */
  toolsSeen: boolean;
  /** How often its address has been asked for since it was started. */
  asked: number;
  /** Commands for which its disks stay locked. */
  lockedFor: number;
}

interface State {
  machines?: Record<string, Machine>;
  made?: number;
}

/** Counted in commands rather than in time, so that a slow host sees them too. */
const LINGERS = 5;

const file = () => join(process.env[STATE_VARIABLE] ?? '', 'vmrun.json');

export function backingOf({ backing }: Machine): Backing {
  return { folder: backing };
}

/** Paths are compared as they really are. */
async function keyOf(vmx: string): Promise<string> {
  return realpath(vmx).catch(() => vmx);
}

export async function allMachines(): Promise<[string, Machine][]> {
  return Object.entries((await readState<State>(file())).machines ?? {});
}

/** @throws Failure for a path that is no VM, and for an encrypted one without its password. */
export async function machineOf(vmx: string, flags: Flags): Promise<Machine> {
  const machine = (await readState<State>(file())).machines?.[await keyOf(vmx)];
  if (!machine || (await readDictionary(vmx)) === undefined) throw noVm(vmx);
  if (machine.encryptionPassword !== undefined && flags.encryptionPassword !== machine.encryptionPassword) {
    // On its terminal, which is none.
    process.stdout.write('Encrypted virtual machine password:\n');
    throw new Failure('The operation is not supported');
  }
  return machine;
}

/** @throws Failure while its disks are locked by somebody: the machine runs, or has just been stopped. */
export async function unlocked(vmx: string, flags: Flags): Promise<Machine> {
  const machine = await machineOf(vmx, flags);
  if (machine.running || machine.lockedFor > 0) throw inUse();
  return machine;
}

export async function change(vmx: string, work: (machine: Machine) => void): Promise<void> {
  const key = await keyOf(vmx);
  await withState<State, void>(file(), ({ machines }) => {
    const machine = machines?.[key];
    if (machine) work(machine);
  });
}

/** Registers a VM whose `.vmx` is there, and says where its backing belongs. */
export async function register(
  vmx: string,
  more: Partial<Pick<Machine, 'cloneOf' | 'encryptionPassword'>>,
): Promise<Machine> {
  const key = await keyOf(vmx);
  return withState<State, Machine>(file(), (state) => {
    state.made = (state.made ?? 0) + 1;
    const machine: Machine = {
      backing: join(process.env[STATE_VARIABLE] ?? '', `b${state.made}`),
      address: addressOf(key),
      snapshots: [],
      lastUid: 0,
      running: false,
      toolsSeen: false,
      asked: 0,
      lockedFor: 0,
      ...more,
    };
    state.machines = { ...state.machines, [key]: machine };
    return machine;
  });
}

/** Hardly another machine on this host has it; not .1, which is the host's own end of a network. */
function addressOf(vmx: string): string {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(vmx).digest();
  return `127.${64 + (a % 128)}.${b}.${2 + (c % 250)}`;
}

export async function forget(vmx: string): Promise<void> {
  const key = await keyOf(vmx);
  await withState<State, void>(file(), ({ machines }) => {
    delete machines?.[key];
  });
}

/** Locks are folders beside the `.vmx`; only that of the disk is in anybody's way. */
export async function setLocks(vmx: string, locked: boolean): Promise<void> {
  for (const name of [`${basename(vmx)}.lck`, `${basename(vmx, '.vmx')}.vmdk.lck`]) {
    const lock = join(dirname(vmx), name);
    if (locked) await mkdir(lock, { recursive: true });
    else await rm(lock, { recursive: true, force: true });
  }
}

/** A stopped machine keeps its locks for a while where that is asked for. */
export async function noteOff(vmx: string): Promise<void> {
  const lockedFor = hasFault('lingering-locks') ? LINGERS : 0;
  await change(vmx, (machine) => {
    machine.running = false;
    machine.lockedFor = lockedFor;
  });
  if (lockedFor === 0) await setLocks(vmx, false);
}

/** At the beginning of every command: guests that have powered off by themselves, and locks that have lasted long enough. */
export async function noticeChanges(): Promise<void> {
  for (const [vmx, machine] of await allMachines()) {
    if (machine.running && !(await isRunning(backingOf(machine)))) await noteOff(vmx);
    if (machine.lockedFor === 0) continue;
    if (machine.lockedFor === 1) await setLocks(vmx, false);
    await change(vmx, (locked) => {
      locked.lockedFor -= 1;
    });
  }
}
