/** Restore, start and stop. Each is done again without harm. */
import { toVmtestError, VmtestError } from '../../src/host/errors.ts';
import type { VmContext, VmRef, VmSnapshot } from '../vm/control.ts';
import { BUSY, NOT_RUNNING } from './errors.ts';
import { requireName } from './snapshot-names.ts';
import { isListed, stateOf } from './state.ts';
import { lingeringLocks, logTail } from './vm-files.ts';
import { vmrun } from './vmrun.ts';

/** Milliseconds. `vmrun start` is known to hang now and then, and to wait for ever for the answer to a question. */
const START_MS = 300_000;
const RESTORE_MS = 300_000;
const STOP_MS = 60_000;
/** How long a refusal to shut down is waited for: it comes at once when the Tools do not run. */
const REFUSAL_MS = 3_000;

/** After a snapshot with memory the VM is suspended; Workstation's window may let it run on at once. */
export async function restore(vm: VmRef, snapshot: VmSnapshot, context: VmContext): Promise<void> {
  requireName(snapshot);
  await vmrun(context, ['revertToSnapshot', vm.id, snapshot.id], {
    doing: `restoring ${JSON.stringify(snapshot.path)}`,
    code: 'VMWARE_RESTORE_FAILED',
    timeout: RESTORE_MS,
  });
}

export async function start(vm: VmRef, context: VmContext): Promise<void> {
  // Starting what runs is an error in one product and none in another.
  if (await isListed(vm.id, context)) return;
  try {
    await vmrun(context, ['start', vm.id, 'nogui'], {
      doing: `starting the VM ${JSON.stringify(vm.name)}`,
      code: 'VMWARE_START_FAILED',
      timeout: START_MS,
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (toVmtestError(error).code === BUSY) throw error;
    // A vmrun that hung or complained may have started it all the same.
    if (await isListed(vm.id, context).catch(() => false)) return;
    throw await withLog(toVmtestError(error), vm);
  }
}

/** `vmrun` returns when the guest is off, so its end is left to itself once it has not refused. */
export async function shutdown(vm: VmRef, context: VmContext): Promise<void> {
  // The asking outlives the call, and so must not end with its signal.
  const own = { ...context, signal: new AbortController().signal };
  const asking = vmrun(own, ['stop', vm.id, 'soft'], {
    doing: `shutting ${JSON.stringify(vm.name)} down`,
    code: 'VMWARE_STOP_FAILED',
    timeout: STOP_MS,
  });
  asking.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, REFUSAL_MS);
  });
  try {
    await Promise.race([asking, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws VmtestError `VMWARE_BUSY` while VMware still holds locks on the disks. */
export async function powerOff(vm: VmRef, context: VmContext): Promise<void> {
  // What a suspended VM holds goes with the end of a running one only.
  if ((await stateOf(vm.id, context)) === 'saved') await start(vm, context);
  if (await isListed(vm.id, context)) await stopHard(vm, context);
  if (await isListed(vm.id, context)) throw busy(vm, 'it still runs');
  const locks = await lingeringLocks(vm.id);
  if (locks.length > 0) throw busy(vm, `it still has ${locks.join(', ')}`);
}

async function stopHard(vm: VmRef, context: VmContext): Promise<void> {
  try {
    await vmrun(context, ['stop', vm.id, 'hard'], {
      doing: `powering ${JSON.stringify(vm.name)} off`,
      code: 'VMWARE_STOP_FAILED',
      timeout: STOP_MS,
    });
  } catch (error) {
    // A guest that was asked to shut down was quicker.
    if (toVmtestError(error).code !== NOT_RUNNING) throw error;
  }
}

function busy(vm: VmRef, why: string): VmtestError {
  return new VmtestError(BUSY, `VMware is not done with the VM ${JSON.stringify(vm.name)}: ${why}`, {
    hint: 'When no VMware program runs, a crash has left these locks: remove the *.lck folders.',
    retryable: true,
  });
}

async function withLog(error: VmtestError, vm: VmRef): Promise<VmtestError> {
  const log = await logTail(vm.id);
  if (log === undefined) return error;
  return error.with({ details: [error.details ?? '', 'The end of vmware.log:', log].join('\n').trim() });
}
