/** Linked clones: a folder with a `.vmx` and disks that lie on those of the snapshot. No list of VMware's has them. */
import { mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toVmtestError, VmtestError } from '../../src/host/errors.ts';
import type { Host } from '../../src/host/host.ts';
import { namesIn } from '../../src/host/names-in.ts';
import type { CloneRequest, VmContext, VmInfo, VmRef, VmSnapshot } from '../vm/control.ts';
import { changeVmx } from './change-vmx.ts';
import { VM_FILE_MISSING } from './errors.ts';
import { findPrograms } from './programs.ts';
import { requireName } from './snapshot-names.ts';
import { configOf, readDictionary } from './vm-files.ts';
import { optionsOf, vmrun } from './vmrun.ts';

/** Milliseconds. A linked clone takes seconds; a busy disk takes longer. */
const CLONE_MS = 180_000;

/** Without them the first start asks whether the VM was moved or copied, and waits for an answer for ever. */
const ASK_NOTHING = { 'uuid.action': 'create', 'msg.autoAnswer': 'TRUE' };

export async function whyNoClone(
  vm: VmInfo,
  snapshot: VmSnapshot,
  context: VmContext,
): Promise<string | undefined> {
  const settings = await readDictionary(vm.id);
  if (settings && configOf(vm.id, settings).encrypted)
    return 'VMware makes no linked clones of encrypted VMs';
  const { edition } = await findPrograms(context.host, optionsOf(context), context.signal);
  if (edition === 'player') return 'VMware Player has none';
  if (snapshot.live) return 'VMware clones only snapshots that were taken while the VM was off';
  return undefined;
}

export async function makeClone(
  vm: VmInfo,
  { snapshot, name, folder }: CloneRequest,
  context: VmContext,
): Promise<VmRef> {
  requireName(snapshot);
  // What a try that failed has left would be in the way of the next.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const vmx = join(await realpath(folder), `${name}.vmx`);
  const source = [`-snapshot=${snapshot.id}`, `-cloneName=${name}`];
  const doing = `cloning the VM ${JSON.stringify(vm.name)}`;
  await vmrun(context, ['clone', vm.id, vmx, 'linked', ...source], {
    doing,
    code: 'VMWARE_CLONE_FAILED',
    timeout: CLONE_MS,
  });
  if (!(await readDictionary(vmx))) {
    const message = `${doing} failed: vmrun says nothing against it, but there is no ${vmx}`;
    throw new VmtestError('VMWARE_CLONE_FAILED', message, { retryable: true });
  }
  await changeVmx(vmx, ASK_NOTHING);
  return { id: vmx, name };
}

export async function removeClone(name: string, context: VmContext): Promise<void> {
  const vmx = await findClone(name, context.host);
  if (vmx === undefined) return;
  try {
    await vmrun(context, ['deleteVM', vmx], {
      doing: `removing the clone ${name}`,
      code: 'VMWARE_REMOVE_FAILED',
    });
  } catch (error) {
    context.signal.throwIfAborted();
    // Half-made, or half-removed: the files are all there is to it.
    if (toVmtestError(error).code !== VM_FILE_MISSING) throw error;
  }
  await rm(dirname(vmx), { recursive: true, force: true });
}

/** A clone lies in a folder inside the one of its lease, and its name has the lease's id in it. */
export async function findClone(name: string, host: Host): Promise<string | undefined> {
  const machines = join(host.paths.state, 'machines');
  const id = (await namesIn(machines)).find((each) => name.endsWith(each));
  if (id === undefined) return undefined;
  for (const folder of await namesIn(join(machines, id))) {
    const vmx = join(machines, id, folder, `${name}.vmx`);
    const real = await realpath(vmx).catch(() => undefined);
    if (real !== undefined) return real;
  }
  return undefined;
}
