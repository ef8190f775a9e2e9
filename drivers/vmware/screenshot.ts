/** Pictures of a guest's screen. The Tools take them, so they need a login in the guest, and there is none of a boot. */
import { sleep } from '../../src/host/deadline.ts';
import type { VmContext, VmRef } from '../vm/control.ts';
import { areToolsRunning } from './tools.ts';
import { vmrun } from './vmrun.ts';

/** Milliseconds. */
const PATIENCE = { tools: 20_000, look: 500 };

export async function screenshot(vm: VmRef, path: string, context: VmContext): Promise<void> {
  const end = performance.now() + PATIENCE.tools;
  while (performance.now() < end && !(await areToolsRunning(vm.id, context))) {
    await sleep(PATIENCE.look, context.signal, 'VMware Tools, which a picture needs');
  }
  await vmrun(context, ['captureScreen', vm.id, path], {
    doing: 'taking a picture of the screen',
    code: 'VMWARE_NO_PICTURE',
    inGuest: true,
  });
}
