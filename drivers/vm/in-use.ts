/** Whether a person or a run has the VM that a cell is to restore. */
import type { LeaseRecord } from '../../src/host/host.ts';
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

/** What a lease says of a VM. */
export interface Hold {
  record: LeaseRecord;
  facts: VmFacts;
}

/** A VM that is not off, as a run left it that was killed since. */
export interface Left {
  /** The lease of that run. */
  record: LeaseRecord;
  state: VmState;
}

/** Undefined when it is off, or a person's. Only for who has its lock. */
export async function leftByTheDead(
  commands: Commands,
  vm: VmRef,
  context: VmContext,
): Promise<Left | undefined> {
  for (const { record, facts } of await deadHolds(commands.control.engine, vm, context)) {
    const state = await leftOn(commands, facts, context);
    if (state !== undefined) return { record, state };
  }
  return undefined;
}

/** The state of a VM whose last start is the one that a dead run's lease tells of; undefined when it is off. Who started it since is a person. */
export async function leftOn(
  commands: Commands,
  { vm, live, starting, session }: VmFacts,
  of: VmContext,
): Promise<VmState | undefined> {
  const { control } = commands;
  await untilDone(control, vm, of);
  const state = await commands.run(of.signal, () => control.state(vm, of));
  if (state === undefined || state === 'off') return undefined;
  // A restore leaves no VM running, and one saved or paused only when its snapshot has memory.
  const mayBeRestored = state === 'saved' || state === 'paused' ? live : state !== 'running';
  if (!starting && !mayBeRestored) return undefined;
  const now = session === undefined ? undefined : await control.session?.(vm, of);
  return now === session ? state : undefined;
}

/** Those of runs that were killed, whoever has the VM by now. */
export async function deadHolds(engine: string, vm: VmRef, { host }: VmContext): Promise<Hold[]> {
  const { leases } = await host.leases.list();
  return leases
    .filter(({ record, owner }) => owner === 'dead' && record.engine === engine && !record.kept)
    .flatMap(({ record }) => {
      const facts = factsOf(record);
      return facts?.vm.id === vm.id && facts.restored ? [{ record, facts }] : [];
    });
}
