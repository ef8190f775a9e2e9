/** What Hyper-V does to a VM. Calls run with the state held. */
import {
  discardMemory,
  guestAgent,
  isRunning,
  kill,
  linkBacking,
  removeBacking,
  restoreSnapshot,
  startBacking,
} from '../../machine/backing.ts';
import { hasFault } from '../faults.ts';
import * as refused from './refusals.ts';
import {
  addressOf,
  backingOf,
  type Checkpoint,
  type Drive,
  type Hyperv,
  newBackingFolder,
  type Vm,
} from './state.ts';

/** Milliseconds for which the service stays busy after a change. */
const SETTLING_MS = 1_500;

/** A guest that has ended by itself is off. */
export async function stateOf(vm: Vm): Promise<string> {
  if (vm.state !== 'Running') return vm.state;
  return (await isRunning(backingOf(vm))) ? 'Running' : 'Off';
}

export function isBusy(vm: Vm): boolean {
  return Date.now() < vm.busyUntil;
}

/** @throws PsError while the service is busy with it. */
export function claim(vm: Vm, command: string): void {
  if (isBusy(vm)) throw refused.wrongState(command);
  if (hasFault('settling')) vm.busyUntil = Date.now() + SETTLING_MS;
}

/** False when it ran already. */
export async function start(state: Hyperv, vm: Vm): Promise<boolean> {
  if ((await stateOf(vm)) === 'Running') return false;
  claim(vm, 'Start-VM');
  if (hasFault('no-memory')) throw refused.noMemory(vm.name);
  if (vm.backing === undefined)
    throw refused.failed('Start-VM', `'${vm.name}' failed to start. Boot device missing.`);
  await startBacking(backingOf(vm), { address: addressOf(vm), headless: true });
  state.lastProcess = (state.lastProcess ?? 4_000) + 4;
  vm.process = state.lastProcess;
  vm.state = 'Running';
  return true;
}

/** False when it was off already. */
export async function turnOff(vm: Vm): Promise<boolean> {
  if ((await stateOf(vm)) === 'Off') {
    vm.state = 'Off';
    return false;
  }
  claim(vm, 'Stop-VM');
  await kill(backingOf(vm));
  vm.state = 'Off';
  return true;
}

export async function removeSavedState(vm: Vm): Promise<void> {
  if (vm.state !== 'Saved') throw refused.wrongState('Remove-VMSavedState');
  claim(vm, 'Remove-VMSavedState');
  await discardMemory(backingOf(vm));
  vm.state = 'Off';
}

/** Whatever runs is lost. With memory it is saved afterwards, and off without. */
export async function restore(vm: Vm, checkpoint: Checkpoint): Promise<void> {
  claim(vm, 'Restore-VMSnapshot');
  await kill(backingOf(vm));
  await restoreSnapshot(backingOf(vm), checkpoint.id);
  vm.state = checkpoint.state === 'Running' ? 'Saved' : 'Off';
}

/** Its first disk brings a VM the guest that the disk's parent belongs to. */
export async function attach(state: Hyperv, vm: Vm, drive: Drive): Promise<void> {
  const parent = state.disks?.[drive.path]?.parent;
  if (parent === undefined)
    throw refused.failed('Add-VMHardDiskDrive', `The file '${drive.path}' was not found.`);
  vm.drives.push(drive);
  if (vm.backing !== undefined) return;
  const found = findCheckpointOf(state, parent);
  if (!found) throw refused.failed('Add-VMHardDiskDrive', 'The chain of virtual hard disks is corrupted.');
  const folder = newBackingFolder(vm.id);
  await linkBacking(folder, backingOf(found.vm), found.checkpoint.id);
  vm.backing = folder;
}

/** The checkpoint whose disk it is. */
export function findCheckpointOf(
  state: Hyperv,
  disk: string,
): { vm: Vm; checkpoint: Checkpoint } | undefined {
  for (const vm of Object.values(state.vms ?? {})) {
    const checkpoint = vm.checkpoints.find(({ drives }) => drives.some(({ path }) => path === disk));
    if (checkpoint) return { vm, checkpoint };
  }
  return undefined;
}

/** Its disks stay. */
export async function remove(state: Hyperv, vm: Vm): Promise<void> {
  if ((await stateOf(vm)) !== 'Off') throw refused.wrongState('Remove-VM');
  claim(vm, 'Remove-VM');
  if (vm.backing !== undefined) await removeBacking({ folder: vm.backing });
  delete state.vms?.[vm.id];
}

/** The guest's services answer some time after the boot. */
export async function answers(vm: Vm): Promise<boolean> {
  if ((await stateOf(vm)) !== 'Running') return false;
  return guestAgent(backingOf(vm), 'guest-ping').then(
    () => true,
    () => false,
  );
}
