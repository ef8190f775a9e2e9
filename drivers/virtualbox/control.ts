/** VirtualBox's command line as the verbs that `createVmDriver` works with. */
import { toVmtestError, VmtestError } from '../../src/host/errors.ts';
import { problemOf } from '../problem.ts';
import type { VmContext, VmControl, VmInfo, VmRef } from '../vm/control.ts';
import { guestAddress, NET_PROPERTIES } from './address.ts';
import { Arrangements } from './arrangements.ts';
import { isBusy } from './errors.ts';
import { createGuestControlLink } from './guest-control.ts';
import { findVm, INACCESSIBLE, parseGuestProperties, parseVms } from './lists.ts';
import { type MachineInfo, parseMachineInfo } from './machine-info.ts';
import { powerOff, startVm } from './power.ts';
import { probe } from './probe.ts';
import { readSnapshots } from './settings-file.ts';
import { agentProblems, offersAgent } from './target.ts';
import { manage } from './tool.ts';

/** Milliseconds. Merging or copying a large disk takes minutes. */
const DISK_WORK_MS = 600_000;

/** MAC addresses of adapters behind NAT stay: guests tie their network settings to them, and nobody else sees them. */
const CLONE_OPTIONS = 'Link,KeepNATMACs';

export interface VirtualBoxInfo extends VmInfo {
  machine?: MachineInfo;
}

export function createVirtualBoxControl(): VmControl {
  const arrangements = new Arrangements();
  return {
    engine: 'virtualbox',
    tool: 'VBoxManage',
    capabilities: {
      liveSnapshot: true,
      linkedClone: true,
      parallel: true,
      agent: true,
      console: true,
      screenshot: true,
      portForward: true,
    },
    // VBoxSVC does one thing to the list of disks at a time; more commands would only wait there.
    commandsAtOnce: 4,
    isBusy,
    probe,
    list,
    find,
    state: async (vm, context) => (await lookUp(vm, context))?.state,
    session: async (vm, context) => (await lookUp(vm, context))?.since,
    problems: (_vm, { target }) => agentProblems(target),
    access: ({ machine }: VirtualBoxInfo, target) => [
      ...((machine?.nics.length ?? 0) > 0 || target.guest.address !== undefined ? ['ssh' as const] : []),
      ...(offersAgent(target) ? ['agent' as const] : []),
    ],
    clone: async (vm, { snapshot, name, folder }, context) => {
      const what = [`--snapshot=${snapshot.id}`, `--options=${CLONE_OPTIONS}`];
      const where = [`--name=${name}`, `--basefolder=${folder}`, '--register'];
      await run(context, `cloning ${vm.name}`, ['clonevm', vm.id, ...what, ...where], DISK_WORK_MS);
      const clone = findVm(name, await list(context));
      return clone ?? { id: name, name };
    },
    remove: async (name, context) => {
      const id = findVm(name, await list(context))?.id ?? (await unlisted(name, context))?.uuid;
      if (id === undefined) return;
      const doing = `removing ${name}`;
      await run(context, doing, ['unregistervm', id, '--delete'], DISK_WORK_MS);
      if (await unlisted(name, context)) {
        throw new VmtestError('VIRTUALBOX_FAILED', `${doing} failed: VirtualBox has it all the same`);
      }
    },
    restore: async (vm, { id, name }, context) => {
      const doing = `restoring snapshot ${name} of ${vm.name}`;
      await run(context, doing, ['snapshot', vm.id, 'restore', id], DISK_WORK_MS);
    },
    arrange: async (vm, plan, context) => {
      const machine = await lookUp(vm, context);
      return machine ? arrangements.make(machine, plan, context) : { consoleLog: false };
    },
    start: async (vm, context) => {
      await startVm(vm, context);
      await arrangements.check(vm, context);
    },
    shutdown: async (vm, context) => {
      await run(context, `asking ${vm.name} to shut down`, ['controlvm', vm.id, 'acpipowerbutton']);
    },
    powerOff: (vm, context) => powerOff(() => lookUp(vm, context), vm, context),
    address: async (vm, context) => {
      const machine = await lookUp(vm, context);
      const args = ['guestproperty', 'enumerate', vm.id, '--patterns', NET_PROPERTIES];
      const text = await run(context, `asking ${vm.name} for its address`, args);
      return guestAddress(parseGuestProperties(text), machine?.nics ?? []);
    },
    agent: async (vm, context) => createGuestControlLink(vm, context),
    screenshot: async (vm, path, context) => {
      await run(context, `taking a picture of ${vm.name}`, ['controlvm', vm.id, 'screenshotpng', path]);
    },
    waysIn: ({ name, id }) => [`VirtualBox shows it as ${name}: VBoxManage startvm ${id} --type separate`],
  };
}

function run(context: VmContext, doing: string, args: string[], timeout?: number): Promise<string> {
  const { host, signal } = context;
  return manage(host, args, { signal, doing, ...(timeout === undefined ? {} : { timeout }) });
}

async function list(context: VmContext): Promise<VmRef[]> {
  return parseVms(await run(context, 'listing the VMs of VirtualBox', ['list', 'vms']));
}

/** By name, UUID or path. */
async function find(wanted: string, context: VmContext): Promise<VirtualBoxInfo | undefined> {
  const vm = findVm(wanted, await list(context));
  if (vm?.name === INACCESSIBLE) return inaccessible(vm);
  const machine = vm ? await lookUp(vm, context) : await unlisted(wanted, context);
  if (!machine) return undefined;
  const { uuid: id, name, state, memory, cpus, settingsFile } = machine;
  const read = await readSnapshots(settingsFile).then(
    (snapshots) => ({ snapshots, problems: [] }),
    (error: unknown) => ({ snapshots: [], problems: [problemOf(error)] }),
  );
  return { id, name, state, memory, cpus, machine, ...read };
}

/** A second opinion: on a list alone, which may have come in pieces or mixed with warnings, no clone is given up as gone. */
async function unlisted(wanted: string, context: VmContext): Promise<MachineInfo | undefined> {
  // What begins with a dash VBoxManage takes for an option.
  return wanted.startsWith('-') ? undefined : lookUp({ id: wanted, name: wanted }, context);
}

/** Undefined when the VM is gone. */
async function lookUp(vm: VmRef, context: VmContext): Promise<MachineInfo | undefined> {
  try {
    const args = ['showvminfo', vm.id, '--machinereadable'];
    return parseMachineInfo(await run(context, `looking at the VM ${vm.name}`, args));
  } catch (error) {
    context.signal.throwIfAborted();
    if (toVmtestError(error).code === 'VM_MISSING') return undefined;
    throw error;
  }
}

function inaccessible({ id }: VmRef): VirtualBoxInfo {
  const problem = {
    code: 'VIRTUALBOX_INACCESSIBLE',
    message: `VirtualBox cannot read the settings of the VM ${id}`,
    hint: 'Open VirtualBox: it says what is wrong with it, and can remove it from its list.',
  };
  return { id, name: id, state: 'broken', snapshots: [], memory: 0, cpus: 1, problems: [problem] };
}
