/** VMs on the stand-in for vmrun, and the control's verbs on them. */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { VmContext, VmInfo, VmSnapshot } from '../../../drivers/vm/control.ts';
import { createVmDriver } from '../../../drivers/vm/create-driver.ts';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import { installStandIns, type StandIns } from '../../standins/install.ts';
import { takeVmwareSnapshot } from '../../support/live-snapshots.ts';
import { targetOf } from '../../support/targets.ts';

/** Of the tiny guest's root. */
export const PASSWORD = 'tiny';

const never = new AbortController().signal;

export interface Vmware extends StandIns {
  /** A folder for VMs, like that of a person. */
  vms: string;
  vmrun(...args: string[]): Promise<string>;
  /** A VM that is off, without snapshots. @returns the path of its `.vmx`. */
  newVm(name: string, password?: string): Promise<string>;
  /** As the snapshot manager takes them. */
  snapshot(vmx: string, ...names: string[]): Promise<void>;
  /** One of the running guest; the VM is off afterwards. */
  liveSnapshot(vmx: string, name: string): Promise<void>;
}

export async function vmware(): Promise<Vmware> {
  const standIns = await installStandIns({
    vmrun: 'vmrun/main.ts',
    'vmware-vmx': 'vmrun/vmware-vmx.ts',
    'vmware-gui': 'vmrun/gui.ts',
  });
  const vms = join(standIns.state, 'vms');
  await mkdir(vms);
  const run = async (command: string, ...args: string[]) => {
    const { exitCode, stdout, stderr } = await standIns.host.exec([command, ...args]);
    if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const vmrun = (...args: string[]) => run('vmrun', '-T', 'ws', ...args);
  return {
    ...standIns,
    vms,
    vmrun,
    newVm: async (name, password) => {
      const vmx = join(vms, name, `${name}.vmx`);
      await run('vmware-gui', 'new', vmx, name, ...(password === undefined ? [] : [password]));
      return realpath(vmx);
    },
    snapshot: async (vmx, ...names) => {
      for (const name of names) await run('vmware-gui', 'snapshot', vmx, name);
    },
    liveSnapshot: (vmx, name) => takeVmwareSnapshot(vmrun, vmx, name),
  };
}

export function targetFor(vm: string, more: Parameters<typeof targetOf>[2] = {}): BaseTarget {
  const options = { vm, clone: 'auto', 'if-running': 'fail' };
  return targetOf('vmware', options, {
    ...more,
    guest: { password: PASSWORD, port: 2222, ...more.guest },
  });
}

export function contextOf({ host }: Vmware, target: BaseTarget): VmContext {
  return { host, target, signal: never };
}

export async function found(vm: string, context: VmContext): Promise<VmInfo> {
  const info = await vmwareControl.find(vm, context);
  if (!info) throw new Error(`there is no ${vm}`);
  return info;
}

export function snapshotOf({ snapshots }: VmInfo, path: string): VmSnapshot {
  const snapshot = snapshots.find((each) => each.path === path);
  if (!snapshot) throw new Error(`there is no snapshot ${path}`);
  return snapshot;
}

/** With the life that all engines with named VMs have. */
export const vmwareDriver = createVmDriver(vmwareControl);
