/** What Hyper-V's service remembers: VMs, their checkpoints, and the disks that were made for clones. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Backing, STATE_VARIABLE } from '../../machine/backing.ts';
import { readState, withState } from '../../machine/store.ts';

export interface Hyperv {
  /** By id. */
  vms?: Record<string, Vm>;
  /** Differencing disks by path. */
  disks?: Record<string, { parent: string }>;
  /** Of the last start. */
  lastProcess?: number;
}

export interface Vm {
  id: string;
  name: string;
  generation: 1 | 2;
  memory: number;
  cpus: number;
  tpm: boolean;
  secureBoot: { on: boolean; template: string };
  /** Of a critical state, `OffCritical` and the like, whatever the machine does. */
  state: string;
  /** Until then (epoch, milliseconds) the service is busy with it. */
  busyUntil: number;
  process?: number;
  checkpointType: string;
  drives: Drive[];
  adapters: Adapter[];
  checkpoints: Checkpoint[];
  /** Folder of the guest behind it; absent until it has a disk. */
  backing?: string;
}

export interface Drive {
  path: string;
  controllerType: 'IDE' | 'SCSI';
  controllerNumber: number;
  controllerLocation: number;
}

export interface Adapter {
  name: string;
  switchName: string;
}

export interface Checkpoint {
  id: string;
  name: string;
  parent?: string;
  type: 'Standard' | 'Production';
  /** `Off` without memory. */
  state: 'Off' | 'Running';
  drives: Drive[];
}

function folder(): string {
  const state = process.env[STATE_VARIABLE];
  if (state === undefined) throw new Error(`${STATE_VARIABLE} names no folder`);
  return state;
}

export function fileIn(stateFolder: string): string {
  return join(stateFolder, 'hyperv.json');
}

export function look(): Promise<Hyperv> {
  return readState<Hyperv>(fileIn(folder()));
}

export function change<T>(work: (state: Hyperv) => T | Promise<T>): Promise<T> {
  return withState<Hyperv, T>(fileIn(folder()), work);
}

export function newBackingFolder(id: string, stateFolder = folder()): string {
  // Short, as there are sockets in it.
  return join(stateFolder, id.slice(0, 8));
}

export function backingOf(vm: Vm): Backing {
  if (vm.backing === undefined) throw new Error(`the VM ${vm.name} has no disk`);
  return { folder: vm.backing };
}

/** A loopback address of the VM's own, on which its guest answers. */
export function addressOf({ id }: Vm): string {
  const [b = 0, c = 0, d = 0] = createHash('sha256').update(id).digest();
  return `127.${64 + (b % 128)}.${c}.${1 + (d % 254)}`;
}
