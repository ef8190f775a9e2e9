/** A VM that is to be restored is off first: what a dead run has left on in it is ended, and a person's work only where that is allowed. */
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Lease } from '../../src/host/host.ts';
import { problemError } from '../problem.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';
import { deadHolds, inUse, type Left, leftByTheDead } from './in-use.ts';
import { OVER } from './lease-facts.ts';
import { powerOffFound } from './power-off-found.ts';

/** Milliseconds between looks at a VM that changes its state. */
const CHANGING_MS = 500;

/** What is on in a VM. */
export interface Use {
  state: VmState;
  /** A dead run's; otherwise a person's. */
  left: Left | undefined;
}

/**
 * Between `check` and now somebody may have started the VM; or a run that had it was killed, and nobody has swept it yet.
 * @returns undefined when it is off.
 * @throws VmtestError `VM_RUNNING` when a person uses it, and it is to be left alone.
 */
export async function useOf(commands: Commands, vm: VmRef, of: VmContext): Promise<Use | undefined> {
  const { control } = commands;
  for (;;) {
    const left = await leftByTheDead(commands, vm, of);
    const state = left?.state ?? (await commands.run(of.signal, () => control.state(vm, of)));
    if (state === undefined) throw gone(vm);
    if (state === 'off') return undefined;
    if (state !== 'changing') {
      const problem = left ? undefined : inUse({ ...vm, state }, of);
      if (problem) throw problemError(problem);
      return { state, left };
    }
    await sleep(CHANGING_MS, of.signal, `the VM ${vm.name}, which was just changing its state`);
  }
}

/** Whoever has the VM's lock has it for good then. */
export async function makeFree(
  commands: Commands,
  vm: VmRef,
  use: Use | undefined,
  of: VmContext,
  lease: Lease,
): Promise<void> {
  const { leases } = of.host;
  if (use) {
    const { state, left } = use;
    const note = (facts: Record<string, unknown>) =>
      left ? leases.amend(left.record, facts) : lease.note(facts);
    await powerOffFound(commands, { ...vm, state }, of, note);
  }
  // Where starts cannot be told apart, a sweep would take what we start, or a person after us, for the dead run's.
  for (const { record } of await deadHolds(commands.control.engine, vm, of)) await leases.amend(record, OVER);
}

function gone(vm: VmRef): VmtestError {
  return new VmtestError('VM_MISSING', `the VM ${JSON.stringify(vm.name)} is not there any more`, {
    hint: 'It was removed or renamed while the run went on.',
  });
}
