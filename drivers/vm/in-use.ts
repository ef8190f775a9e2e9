/** Whether a person or a run has the VM that a cell is to restore. */
import type { LeaseRecord } from '../../src/host/host.ts';
import type { TargetProblem } from '../driver.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';
import { factsOf } from './lease-facts.ts';
import { optionsOf } from './plan.ts';

/** Between processes: who restores a VM, or makes a clone of it. */
export function lockName(engine: string, vm: VmRef): string {
  return `${engine}-vm-${vm.id}`;
}

/** A suspended VM is in use as much as a running one: what it holds in memory would be lost. */
export function inUse(
  vm: VmRef & { state: VmState },
  context: Pick<VmContext, 'target'>,
): TargetProblem | undefined {
  const { state, name } = vm;
  if (state === 'off' || state === 'broken' || optionsOf(context)['if-running'] === 'reset') return undefined;
  const doing = {
    running: 'is running',
    paused: 'is paused',
    saved: 'is suspended',
    changing: 'is just changing its state',
  };
  return {
    code: 'VM_RUNNING',
    message: `the VM ${JSON.stringify(name)} ${doing[state]}, and its cells have to restore it`,
    hint: 'Shut it down first, or set `if-running: reset`: it is powered off then, and what runs in it is lost.',
  };
}

/** The same, unless a run of ours is what uses it: cells wait for a living one, and a dead one is swept before they start. */
export async function inUseByAPerson(
  { control }: Commands,
  vm: VmRef & { state: VmState },
  context: VmContext,
): Promise<TargetProblem | undefined> {
  const problem = inUse(vm, context);
  if (!problem) return undefined;
  const { leases, locks } = context.host;
  const unlock = await locks.tryAcquire(lockName(control.engine, vm));
  if (!unlock) return undefined;
  await unlock();
  const ours = (await leases.list()).leases.some(
    ({ record, owner }) => owner === 'dead' && record.engine === control.engine && isOf(record, vm),
  );
  return ours ? undefined : problem;
}

function isOf(record: LeaseRecord, vm: VmRef): boolean {
  const facts = factsOf(record);
  return facts?.vm.id === vm.id && facts.restored === true && record.kept === undefined;
}
