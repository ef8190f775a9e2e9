/** Linked clones: made of a snapshot in powered-off state, set up for running unattended, and taken away. */
import { VmtestError } from '../../src/host/errors.ts';
import type { CloneRequest, VmRef, VmSnapshot } from '../vm/control.ts';
import { hasCode } from './errors.ts';
import { type ListedVm, parseList } from './inventory.ts';
import { stateNow } from './power.ts';
import { type Caller, prlctl } from './programs.ts';

const CLONE_MS = 300_000;
const DELETE_MS = 120_000;
/** As long as a run waits for what it has aborted. */
const NOTICE_MS = 4_000;

/** No window, no start with the Mac, and neither the freezing of idle VMs nor snapshots made behind our back. */
const UNATTENDED = [
  ['--startup-view', 'headless'],
  ['--on-window-close', 'keep-running'],
  ['--autostart', 'off'],
  ['--pause-idle', 'off'],
  ['--smart-guard', 'off'],
];

export function whyNoClone(home: string, { live }: VmSnapshot): string | undefined {
  if (home.endsWith('.macvm'))
    return 'Parallels Desktop makes no linked clones of macOS guests on Apple silicon';
  if (live)
    return 'the snapshot was taken while the VM ran or was suspended, and only one of a stopped VM can be cloned';
  return undefined;
}

export async function makeClone(
  vm: VmRef,
  { snapshot, name, folder }: CloneRequest,
  caller: Caller,
): Promise<VmRef> {
  const code = 'PARALLELS_CLONE_FAILED';
  const step = { doing: `cloning ${vm.name}`, code, timeout: CLONE_MS, notice: NOTICE_MS };
  const where = ['--name', name, '--dst', folder];
  await prlctl(caller, ['clone', vm.id, ...where, '--linked', '--id', snapshot.id], step);
  const clone = await named(name, caller);
  if (!clone) {
    throw new VmtestError(code, `cloning ${vm.name} failed: no ${name} is there afterwards`, {
      retryable: true,
    });
  }
  await setUnattended(clone, caller);
  return clone;
}

/** Nothing of that name is no error. */
export async function removeClone(name: string, caller: Caller): Promise<void> {
  // On an empty list alone no clone is given up as gone.
  const { id, state } = (await named(name, caller)) ?? { id: name, state: 'off' };
  const step = { doing: `removing the clone ${name}`, code: 'PARALLELS_DELETE_FAILED', timeout: DELETE_MS };
  try {
    // One whose files are gone cannot be deleted, only forgotten.
    await prlctl(caller, [state === 'broken' ? 'unregister' : 'delete', id], step);
  } catch (error) {
    if (!hasCode(error, 'PARALLELS_VM_MISSING')) throw error;
  }
  if ((await stateNow({ id, name }, caller)) === undefined) return;
  throw new VmtestError(step.code, `${step.doing} failed: Parallels has it all the same`);
}

/** Where the log of the first serial port goes. The clone is off. @returns whether it could be had. */
export function addSerialLog(clone: VmRef, path: string, caller: Caller): Promise<boolean> {
  return trySetting(clone, ['--device-add', 'serial', '--output', path], caller);
}

export async function listVms(caller: Caller): Promise<ListedVm[]> {
  const step = { doing: 'listing the VMs', code: 'PARALLELS_LIST_FAILED' };
  return parseList(await prlctl(caller, ['list', '--all', '--full', '--json'], step));
}

async function named(name: string, caller: Caller): Promise<ListedVm | undefined> {
  return (await listVms(caller)).find((vm) => vm.name === name);
}

/** Editions and kinds of guests differ in the settings they take: then each is tried, and the clone runs with the rest. */
async function setUnattended(clone: VmRef, caller: Caller): Promise<void> {
  if (await trySetting(clone, UNATTENDED.flat(), caller)) return;
  for (const setting of UNATTENDED) await trySetting(clone, setting, caller);
}

async function trySetting(clone: VmRef, setting: readonly string[], caller: Caller): Promise<boolean> {
  try {
    const step = { doing: `setting ${setting.join(' ')}`, code: 'PARALLELS_SET_FAILED' };
    await prlctl(caller, ['set', clone.id, ...setting], step);
    return true;
  } catch (error) {
    caller.signal.throwIfAborted();
    caller.host.log(`parallels: ${clone.name} runs without a setting: ${String(error)}`);
    return false;
  }
}
