/** A command that is killed half-way has no words of its own: what it printed until then is no reason. */
import { expect, test } from 'vitest';
import { virsh } from '../../../drivers/libvirt/virsh.ts';
import { prlctl } from '../../../drivers/parallels/programs.ts';
import { manage } from '../../../drivers/virtualbox/tool.ts';
import type { VmContext } from '../../../drivers/vm/control.ts';
import { vmrun } from '../../../drivers/vmware/vmrun.ts';
import { createHost } from '../../../src/host/create-host.ts';
import type { Exec, ExecResult } from '../../../src/host/exec.ts';
import { targetOf } from '../../support/targets.ts';

const signal = new AbortController().signal;
const HALF: ExecResult = { exitCode: undefined, signal: 'SIGKILL', stdout: '<name>cle', stderr: '' };

/** Told what it is, a program answers whole. */
const exec: Exec = async ([program, ...args]) => {
  if (program === 'vmware-vmx')
    return { ...HALF, exitCode: 0, stdout: '', stderr: 'VMware Workstation 17.6.3 build-1\n' };
  if (args.length === 0) return { ...HALF, exitCode: 255, stdout: 'vmrun version 1.17.0 build-1\n' };
  return args[0] === '--version' ? { ...HALF, exitCode: 0, stdout: 'prlctl version 20.0.0\n' } : HALF;
};
const host = { ...createHost(), exec };

function contextOf(engine: string, options: Record<string, unknown>): VmContext {
  return { host, signal, target: targetOf(engine, options) } as VmContext;
}

const doing = 'doing it';
const RUNS: Readonly<Record<string, () => Promise<unknown>>> = {
  virsh: () => virsh(doing, ['list'], contextOf('libvirt', { uri: 'qemu:///system' })),
  VBoxManage: () => manage(host, ['list', 'vms'], { signal, doing }),
  vmrun: () => vmrun(contextOf('vmware', {}), ['list'], { doing }),
  prlctl: () => prlctl({ host, signal }, ['list'], { doing, code: 'X' }),
};

test.each(Object.entries(RUNS))('%s', async (program, run) => {
  await expect(run()).rejects.toThrow(new RegExp(`^doing it.* failed: .*${program} was ended by SIGKILL`));
});
