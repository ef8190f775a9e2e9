/** What `find.ps1` tells of VMs and their checkpoints, in the words of the VM contract. */
import type { TargetProblem } from '../driver.ts';
import type { VmInfo, VmRef, VmSnapshot, VmState } from '../vm/control.ts';

export interface FoundVm {
  id: string;
  name: string;
  state: string;
  operation: string;
  /** Bytes. */
  memory: number;
  cpus: number;
  tpm: boolean;
  /** Network adapters. */
  adapters: number;
  snapshots: FoundSnapshot[];
}

export interface FoundSnapshot {
  id: string;
  name: string;
  /** Empty for the root of a tree. */
  parent: string;
  type: string;
  /** Of the VM when it was taken, as far as it was kept: `Off` for a disk without memory. */
  state: string;
}

export interface Inventory {
  /** Whether the caller may see VMs at all. */
  rights: boolean;
  all: VmRef[];
  found: FoundVm[];
}

export interface HypervVm extends VmInfo {
  tpm: boolean;
}

const STATES: Readonly<Record<string, VmState>> = {
  Off: 'off',
  Running: 'running',
  Paused: 'paused',
  Saved: 'saved',
  FastSaved: 'saved',
};
const CHANGING = /^(?:Starting|Stopping|Saving|Pausing|Resuming|Reset|FastSaving)$/;

/** @param operation `InService` while Hyper-V applies a checkpoint or merges disks. A VM that runs goes on meanwhile. */
export function vmState(state: string, operation: string): VmState {
  if (CHANGING.test(state)) return 'changing';
  const known = STATES[state];
  if (known === undefined) return 'broken';
  return operation === 'InService' && known !== 'running' ? 'changing' : known;
}

/** Of several VMs that fit, the one whose id it is; undefined when there is none. */
export function pickVm(wanted: string, found: readonly FoundVm[]): HypervVm | undefined {
  const byId = found.find(({ id }) => id.toLowerCase() === wanted.toLowerCase());
  const exact = found.filter(({ name }) => name === wanted);
  const candidates = byId ? [byId] : exact.length > 0 ? exact : found;
  const [first, ...others] = candidates;
  if (!first) return undefined;
  return describeVm(first, others.length === 0 ? [] : [ambiguous(wanted, candidates)]);
}

function describeVm(vm: FoundVm, problems: TargetProblem[]): HypervVm {
  const { id, name, memory, cpus, tpm, snapshots, adapters } = vm;
  const state = vmState(vm.state, vm.operation);
  const more = [...(state === 'broken' ? [broken(vm)] : []), ...(adapters === 0 ? [noNetwork(vm)] : [])];
  return {
    id,
    name,
    state,
    memory,
    cpus,
    tpm,
    snapshots: snapshots.map((snapshot) => describeSnapshot(snapshot, snapshots)),
    problems: [...problems, ...more],
  };
}

function describeSnapshot(snapshot: FoundSnapshot, all: readonly FoundSnapshot[]): VmSnapshot {
  const { id, name, state } = snapshot;
  const path = namesFromRoot(snapshot, all).join('/');
  // A checkpoint never changes, and one taken anew gets another id.
  return { id, name, path, live: state !== 'Off', stamp: id };
}

function namesFromRoot(snapshot: FoundSnapshot, all: readonly FoundSnapshot[]): string[] {
  const names: string[] = [];
  const seen = new Set<string>();
  for (
    let at: FoundSnapshot | undefined = snapshot;
    at && !seen.has(at.id);
    at = all.find(({ id }) => id === at?.parent)
  ) {
    seen.add(at.id);
    names.unshift(at.name);
  }
  return names;
}

function ambiguous(wanted: string, found: readonly FoundVm[]): TargetProblem {
  return {
    code: 'HYPERV_VM_AMBIGUOUS',
    message: `Hyper-V has ${found.length} VMs called ${JSON.stringify(wanted)}`,
    hint: `Write the id of the one you mean: ${found.map(({ id }) => id).join(', ')}.`,
  };
}

function broken({ name, state }: FoundVm): TargetProblem {
  return {
    code: 'HYPERV_VM_CRITICAL',
    message: `Hyper-V calls the state of the VM ${JSON.stringify(name)} ${state}`,
    hint: 'Its disks or its configuration are out of reach. Look at it in the Hyper-V manager.',
  };
}

function noNetwork({ name }: FoundVm): TargetProblem {
  return {
    code: 'HYPERV_NO_NETWORK',
    message: `the VM ${JSON.stringify(name)} has no network adapter, and SSH needs one`,
    hint: 'Off, and before the checkpoint is taken: Add-VMNetworkAdapter -SwitchName "Default Switch"',
  };
}
