/** What a person would have done by hand before a test: a VM and its checkpoints. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Backing,
  createBacking,
  discardMemory,
  GUEST_VARIABLE,
  guestAgent,
  guestExec,
  kill,
  startBacking,
  takeSnapshot,
} from '../../machine/backing.ts';
import { withState } from '../../machine/store.ts';
import {
  addressOf,
  backingOf,
  type Checkpoint,
  fileIn,
  type Hyperv,
  newBackingFolder,
  type Vm,
} from './state.ts';

/** @param stateFolder of the stand-ins. The VM is off. */
export async function provisionVm(stateFolder: string, name: string, more: Partial<Vm> = {}): Promise<Vm> {
  const id = randomUUID();
  const backing = newBackingFolder(id, stateFolder);
  await createBacking(backing);
  const disk = {
    path: `/vms/${name}.vhdx`,
    controllerType: 'SCSI' as const,
    controllerNumber: 0,
    controllerLocation: 0,
  };
  const vm: Vm = {
    id,
    name,
    generation: 2,
    memory: 128 * 1024 ** 2,
    cpus: 1,
    tpm: false,
    secureBoot: { on: true, template: 'MicrosoftUEFICertificateAuthority' },
    state: 'Off',
    busyUntil: 0,
    checkpointType: 'Standard',
    drives: [disk],
    adapters: [{ name: 'Network Adapter', switchName: 'Default Switch' }],
    checkpoints: [],
    backing,
    ...more,
  };
  await keep(stateFolder, vm);
  return vm;
}

/** Of the VM while it is off. */
export async function takeOffline(
  stateFolder: string,
  vm: Vm,
  name: string,
  parent?: Checkpoint,
): Promise<Checkpoint> {
  const checkpoint = describe(vm, name, 'Off', parent);
  await takeSnapshot(backingOf(vm), checkpoint.id);
  return add(stateFolder, vm, checkpoint);
}

/** Of the booted VM, with its memory, after a script in the guest. It is off afterwards. */
export async function takeLive(
  stateFolder: string,
  vm: Vm,
  name: string,
  { guest, script }: { guest: string; script: string },
): Promise<Checkpoint> {
  const checkpoint = describe(vm, name, 'Running');
  const backing = backingOf(vm);
  process.env[GUEST_VARIABLE] = guest;
  await startBacking(backing, { address: addressOf(vm), headless: true });
  while (!(await answers(backing))) await delay(200);
  await guestExec(backing, ['sh', '-c', script]);
  await takeSnapshot(backing, checkpoint.id);
  await kill(backing);
  await discardMemory(backing);
  return add(stateFolder, vm, checkpoint);
}

function answers(backing: Backing): Promise<boolean> {
  return guestAgent(backing, 'guest-ping').then(
    () => true,
    () => false,
  );
}

function describe(vm: Vm, name: string, state: Checkpoint['state'], parent?: Checkpoint): Checkpoint {
  const id = randomUUID();
  const drives = vm.drives.map((drive) => ({ ...drive, path: join('/vms', `${vm.name}_${id}.avhdx`) }));
  return { id, name, type: 'Standard', state, drives, ...(parent ? { parent: parent.id } : {}) };
}

async function add(stateFolder: string, vm: Vm, checkpoint: Checkpoint): Promise<Checkpoint> {
  vm.checkpoints.push(checkpoint);
  await keep(stateFolder, vm);
  return checkpoint;
}

function keep(stateFolder: string, vm: Vm): Promise<void> {
  return withState<Hyperv, void>(fileIn(stateFolder), (state) => {
    state.vms = { ...state.vms, [vm.id]: vm };
  });
}
