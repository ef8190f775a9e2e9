/** Whether a person or a run has the VM that a cell is to restore. */
import type { TargetProblem } from '../driver.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';
import { factsOf, type VmFacts } from './lease-facts.ts';
import { untilDone } from './on-its-way.ts';
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
  const unlock = await context.host.locks.tryAcquire(lockName(control.engine, vm));
  if (!unlock) return undefined;
  await unlock();
  return (await deadHolds(control.engine, vm, context)).length > 0 ? undefined : problem;
}

/** Whether a VM that is not off is what a run left that was killed since. Only for who has its lock. */
export async function isLeftByTheDead(commands: Commands, vm: VmRef, context: VmContext): Promise<boolean> {
  for (const facts of await deadHolds(commands.control.engine, vm, context)) {
    if (await isLeftRunning(commands, facts, context)) return true;
  }
  return false;
}

/** Whether the start that a dead run's lease tells of is the VM's last. Who started it since is a person. */
export async function isLeftRunning(
  commands: Commands,
  { vm, live, starting, session }: VmFacts,
  of: VmContext,
): Promise<boolean> {
  const { control } = commands;
  await untilDone(control, vm, of);
  const state = await commands.run(of.signal, () => control.state(vm, of));
  if (state === undefined || state === 'off') return false;
  // A restore leaves no VM running, and one saved or paused only when its snapshot has memory.
  const mayBeRestored = state === 'saved' || state === 'paused' ? live : state !== 'running';
  if (!starting && !mayBeRestored) return false;
  const now = session === undefined ? undefined : await control.session?.(vm, of);
  return now === session;
}

async function deadHolds(engine: string, vm: VmRef, { host }: VmContext): Promise<VmFacts[]> {
  const { leases } = await host.leases.list();
  return leases
    .filter(({ record, owner }) => owner === 'dead' && record.engine === engine && !record.kept)
    .flatMap(({ record }) => factsOf(record) ?? [])
    .filter((facts) => facts.vm.id === vm.id && facts.restored === true);
}
