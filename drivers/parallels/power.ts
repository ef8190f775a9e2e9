/** Starting and stopping. `prlctl` returns before the state has settled, so it is the state that counts. */
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { VmRef, VmState } from '../vm/control.ts';
import { hasCode } from './errors.ts';
import { stateOf } from './inventory.ts';
import { type Caller, prlctl } from './programs.ts';

/**
 * Milliseconds. `grace`: a VM may be shown as stopped for so long after a start that works (reported of version 26).
 * `unlock`: what Packer's plugin waits after a kill, as the VM's session ends a little later than its state says.
 */
const WAIT = {
  look: 500,
  grace: 15_000,
  start: 180_000,
  stop: 60_000,
  ask: 10_000,
  unlock: 2_000,
  notice: 4_000,
};

/** Undefined when there is no such VM. */
export async function stateNow(vm: VmRef, caller: Caller): Promise<VmState | undefined> {
  try {
    const step = { doing: `asking for the state of ${vm.name}`, code: 'PARALLELS_LIST_FAILED' };
    return stateOf(await prlctl(caller, ['list', vm.id, '--no-header', '-o', 'status'], step));
  } catch (error) {
    if (hasCode(error, 'PARALLELS_VM_MISSING')) return undefined;
    throw error;
  }
}

export async function start(vm: VmRef, caller: Caller): Promise<void> {
  const state = await stateNow(vm, caller);
  if (state === 'running') return;
  const verb = state === 'saved' || state === 'paused' ? 'resume' : 'start';
  const doing = `starting ${vm.name}`;
  const step = { doing, code: 'PARALLELS_START_FAILED', timeout: WAIT.start, notice: WAIT.notice };
  await prlctl(caller, [verb, vm.id], step);
  const started = performance.now();
  await settled(vm, caller, WAIT.start, doing, (now) => {
    if (now === 'running') return true;
    if (now !== 'changing' && performance.now() - started > WAIT.grace) throw notStarted(vm, now);
    return false;
  });
}

/** The program waits for the guest, and on its dialogs; the guest has been asked all the same. */
export async function shutDown(vm: VmRef, caller: Caller): Promise<void> {
  const step = { doing: `shutting ${vm.name} down`, code: 'PARALLELS_STOP_FAILED', timeout: WAIT.ask };
  try {
    await prlctl(caller, ['stop', vm.id], step);
  } catch (error) {
    if (!hasCode(error, 'TIMEOUT', 'PARALLELS_NOT_RUNNING')) throw error;
  }
}

/** A VM that is shown as stopped may be starting all the same, so the kill is tried anyway. */
export async function powerOff(vm: VmRef, caller: Caller): Promise<void> {
  const state = await stateNow(vm, caller);
  if (state === undefined) return;
  const doing = `powering ${vm.name} off`;
  const step = { doing, code: 'PARALLELS_STOP_FAILED', timeout: WAIT.stop };
  // A paused VM is refused otherwise (vagrant-parallels #295); what a suspended one holds can be dropped in no other way that all versions know.
  if (state === 'paused' || state === 'saved') await prlctl(caller, ['resume', vm.id], step);
  try {
    await prlctl(caller, ['stop', vm.id, '--kill'], step);
  } catch (error) {
    if (hasCode(error, 'PARALLELS_NOT_RUNNING', 'PARALLELS_VM_MISSING')) return;
    throw error;
  }
  await settled(vm, caller, WAIT.stop, doing, (now) => now === 'off' || now === undefined);
  await sleep(WAIT.unlock, caller.signal, `Parallels to let go of ${vm.name}, which is off`);
}

/** After a restore, whatever it has become. */
export function waitUntilUnchanging(vm: VmRef, caller: Caller, doing: string): Promise<void> {
  return settled(vm, caller, WAIT.start, doing, (now) => now !== 'changing');
}

async function settled(
  vm: VmRef,
  caller: Caller,
  ms: number,
  doing: string,
  isSettled: (now: VmState | undefined) => boolean,
): Promise<void> {
  for (const end = performance.now() + ms; ; ) {
    const now = await stateNow(vm, caller);
    if (isSettled(now)) return;
    if (performance.now() > end) throw stuck(vm, doing, ms);
    await sleep(WAIT.look, caller.signal, `the end of ${doing} (its state was "${now ?? 'none'}")`);
  }
}

function notStarted(vm: VmRef, state: VmState | undefined): VmtestError {
  return new VmtestError(
    'PARALLELS_START_FAILED',
    `starting ${vm.name} failed: it stays ${state ?? 'missing'}`,
    {
      hint: 'Start it in Parallels Desktop and look at what it says: a dialog that waits for an answer blocks it.',
      retryable: true,
    },
  );
}

function stuck(vm: VmRef, doing: string, ms: number): VmtestError {
  return new VmtestError('PARALLELS_STUCK', `${doing} did not come to an end within ${ms / 1000} s`, {
    hint: `Look at ${vm.name} in Parallels Desktop: a dialog that waits for an answer blocks it.`,
    retryable: true,
  });
}
