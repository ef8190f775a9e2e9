import { access, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readDictionary } from '../../../../drivers/vmware/vm-files.ts';
import { createLocks } from '../../../../src/host/locks.ts';
import { linkBacking, removeBacking, STATE_VARIABLE } from '../../machine/backing.ts';
import type { Flags } from '../command-line.ts';
import { Failure, fileMissing, inUse } from '../failure.ts';
import { newVmx, writeSnapshots } from '../files.ts';
import { backingOf, forget, type Machine, machineOf, register, unlocked } from '../machines.ts';
import { findSnapshot } from './snapshots.ts';

/** Only linked ones of a named snapshot; the others change the VM that they are made of. */
export async function clone(
  flags: Flags,
  source: string,
  target: string,
  { snapshot, name }: { snapshot: string; name: string },
): Promise<string> {
  const machine = await machineOf(source, flags);
  const from = findSnapshot(machine, snapshot);
  if (from.live || machine.encryptionPassword !== undefined) {
    throw new Failure('The operation is not supported');
  }
  if (!(await exists(dirname(target)))) throw fileMissing();
  if (await exists(target)) throw new Failure('The file already exists');
  await alone(source, async () => {
    await writeFile(target, newVmx(name, await inherited(source)));
    const made = await register(target, { cloneOf: source });
    await linkBacking(made.backing, backingOf(machine), String(from.uid));
    await writeSnapshots(target, made);
  });
  return '';
}

/** The memory, and a card of its own. */
async function inherited(source: string): Promise<Record<string, string>> {
  const settings = (await readDictionary(source)) ?? new Map<string, string>();
  const memsize = settings.get('memsize');
  return memsize === undefined ? {} : { memsize };
}

/** One clone of a VM at a time: another one finds its files in use. */
async function alone(source: string, work: () => Promise<void>): Promise<void> {
  const locks = createLocks(join(process.env[STATE_VARIABLE] ?? '', 'clone.locks'));
  const unlock = await locks.tryAcquire(source);
  if (!unlock) throw inUse();
  try {
    await work();
  } finally {
    await unlock();
  }
}

export async function deleteVm(flags: Flags, vmx: string): Promise<string> {
  if ((await machineOf(vmx, flags)).running) {
    throw new Failure('The virtual machine should not be powered on. It is already running.');
  }
  const machine: Machine = await unlocked(vmx, flags);
  await forget(vmx);
  await removeBacking(backingOf(machine));
  const stem = join(dirname(vmx), basename(vmx, '.vmx'));
  for (const ending of ['vmx', 'vmsd', 'vmdk', 'nvram']) await rm(`${stem}.${ending}`, { force: true });
  await rm(join(dirname(vmx), 'vmware.log'), { force: true });
  return '';
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
