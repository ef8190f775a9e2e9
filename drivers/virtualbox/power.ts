/** Starting and stopping, with the states in between that VirtualBox does not wait for. */
import { sleep } from '../../src/host/deadline.ts';
import { toVmtestError } from '../../src/host/errors.ts';
import type { VmContext, VmRef } from '../vm/control.ts';
import { explain } from './errors.ts';
import type { MachineInfo } from './machine-info.ts';
import { manage, runTool, saysError } from './tool.ts';

/** Milliseconds. Loading a saved state reads all of the guest's memory. */
const START_MS = 180_000;
const LOOK_MS = 200;

/** `startvm` has been seen to fail after it said that it had started the VM; that is a start. */
export async function startVm(vm: VmRef, { host, signal }: VmContext): Promise<void> {
  const doing = `starting ${vm.name}`;
  const result = await runTool(host, ['startvm', vm.id, '--type', 'headless'], {
    signal,
    doing,
    timeout: START_MS,
  });
  const { exitCode, stdout, stderr, warnings } = result;
  if (/has been successfully started/.test(stdout)) return;
  if (exitCode === 0 && !saysError(stderr)) return;
  // The wrapper's warning names the cause; VirtualBox itself only says that its process ended.
  throw explain(`${warnings}${stderr}`, { doing, code: 'VIRTUALBOX_START_FAILED' });
}

/**
 * By force; waits until VirtualBox has let go of the VM, which it does a moment after it calls the VM powered off. What
 * was saved is forgotten.
 */
export async function powerOff(
  look: () => Promise<MachineInfo | undefined>,
  vm: VmRef,
  { host, signal }: VmContext,
): Promise<void> {
  const doing = `powering ${vm.name} off`;
  for (;;) {
    const machine = await look();
    if (!machine) return;
    if (machine.state === 'off' && !machine.held) return;
    if (machine.state === 'saved') {
      await manage(host, ['discardstate', vm.id], {
        signal,
        doing: `dropping the saved state of ${vm.name}`,
      });
      continue;
    }
    if (machine.state !== 'off' && machine.state !== 'changing') {
      await manage(host, ['controlvm', vm.id, 'poweroff'], { signal, doing }).catch(unlessOver);
    }
    await sleep(LOOK_MS, signal, `the end of ${doing} (VirtualBox still has it)`);
  }
}

/** It ended by itself meanwhile. */
function unlessOver(error: unknown): void {
  if (toVmtestError(error).code !== 'VIRTUALBOX_NOT_RUNNING') throw error;
}
