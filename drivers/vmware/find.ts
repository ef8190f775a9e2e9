/** From what the matrix file calls a VM to its `.vmx` file, and all that is known of it. */
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { TargetProblem } from '../driver.ts';
import type { VmContext, VmInfo, VmSnapshot } from '../vm/control.ts';
import { findClone } from './clone.ts';
import { listVms, vmxFilesIn } from './library.ts';
import { parseSnapshotTree } from './parse.ts';
import { describeSnapshots, snapshotRecords } from './snapshot-facts.ts';
import { stateOf } from './state.ts';
import { configOf, readDictionary } from './vm-files.ts';
import { optionsOf, vmrun } from './vmrun.ts';

/** Of a VM whose file does not say, which an encrypted one's does not. */
const USUAL_MEMORY = 2 * 1024 ** 3;

export async function findVm(wanted: string, context: VmContext): Promise<VmInfo | undefined> {
  const clone = await findClone(wanted, context.host);
  if (clone !== undefined) return describeVm(clone, context, { isOurs: true, others: [] });
  const [vmx, ...others] = await filesOf(wanted);
  return vmx === undefined ? undefined : describeVm(vmx, context, { isOurs: false, others });
}

/** Of several VMs with the same name, all. */
async function filesOf(wanted: string): Promise<string[]> {
  const given = wanted.startsWith('~/') ? join(homedir(), wanted.slice(2)) : wanted;
  if (isAbsolute(given)) {
    const files = given.toLowerCase().endsWith('.vmx') ? [given] : await vmxFilesIn(given);
    return real(files);
  }
  const vms = await listVms();
  const byName = vms.filter(({ name }) => name === wanted);
  const found = byName.length > 0 ? byName : vms.filter(({ id }) => basename(id, '.vmx') === wanted);
  return real(found.map(({ id }) => id));
}

/** One path a VM: `list` and locks go by it. */
async function real(files: readonly string[]): Promise<string[]> {
  const paths = await Promise.all(files.map((file) => realpath(file).catch(() => undefined)));
  return [...new Set(paths.filter((path) => path !== undefined))];
}

async function describeVm(
  vmx: string,
  context: VmContext,
  { isOurs, others }: { isOurs: boolean; others: string[] },
): Promise<VmInfo | undefined> {
  const settings = await readDictionary(vmx);
  const state = await stateOf(vmx, context);
  if (!settings || state === undefined) return undefined;
  const { name, memory, cpus, encrypted } = configOf(vmx, settings);
  const locked = encrypted && optionsOf(context)['encryption-password'] === undefined;
  return {
    id: vmx,
    name,
    state,
    // A clone has none of its own, and of an encrypted VM nothing is told without its password.
    snapshots: isOurs || locked ? [] : await snapshotsOf(vmx, context),
    memory: memory ?? context.target.memory ?? USUAL_MEMORY,
    cpus,
    problems: [
      ...(locked ? [needsPassword(name)] : []),
      ...(others.length > 0 ? [ambiguous(name, vmx, others)] : []),
    ],
  };
}

async function snapshotsOf(vmx: string, context: VmContext): Promise<VmSnapshot[]> {
  const text = await vmrun(context, ['listSnapshots', vmx, 'showTree'], {
    doing: 'listing the snapshots of the VM',
  });
  const tree = parseSnapshotTree(text);
  if (tree === undefined) {
    throw new VmtestError('VMWARE_ANSWER_UNKNOWN', 'vmrun lists the snapshots of the VM in an unknown way', {
      hint: 'Names of snapshots with tabs or line breaks in them cannot be read: rename them.',
      details: text,
    });
  }
  const vmsd = await readDictionary(vmx.replace(/\.vmx$/i, '.vmsd'));
  return describeSnapshots(vmx, tree, snapshotRecords(vmsd ?? new Map()));
}

function needsPassword(name: string): TargetProblem {
  return {
    code: 'VMWARE_ENCRYPTED',
    message: `the VM ${JSON.stringify(name)} is encrypted`,
    hint: 'Set `encryption-password` of the target.',
  };
}

function ambiguous(name: string, vmx: string, others: readonly string[]): TargetProblem {
  return {
    code: 'VMWARE_VM_AMBIGUOUS',
    message: `there are ${others.length + 1} VMs called ${JSON.stringify(name)}`,
    hint: `Name the file of one of them: ${[vmx, ...others].join(', ')}.`,
  };
}
