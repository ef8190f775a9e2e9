/**
 * Takes away what a dead run's lease names: its clone, or its hold on a VM of a person, which is powered off when nobody
 * else has it by now.
 */
import type { LeaseRecord } from '../../src/host/host.ts';
import type { DriverContext } from '../driver.ts';
import type { Commands } from './commands.ts';
import type { VmContext } from './control.ts';
import { isLeftRunning, lockName } from './in-use.ts';
import { factsOf, targetFor, type VmFacts } from './lease-facts.ts';
import { untilDone } from './on-its-way.ts';

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(
  commands: Commands,
  lease: LeaseRecord,
  context: SweepContext,
): Promise<string[]> {
  const more = (await commands.control.sweep?.(lease, context)) ?? [];
  const facts = factsOf(lease);
  if (!facts) return more;
  const { host, signal } = context;
  const of = { host, signal, target: targetFor(lease, facts) };
  return [...(await sweepMachine(commands, facts, of, context)), ...more];
}

async function sweepMachine(
  commands: Commands,
  facts: VmFacts,
  of: VmContext,
  context: SweepContext,
): Promise<string[]> {
  if (facts.clone !== undefined)
    return sweepClone(commands, { name: facts.clone, places: facts.places }, of, context);
  // Who runs a VM that the cell had not got round to is a person.
  return facts.restored ? sweepVm(commands, facts, of, context) : [];
}

async function sweepClone(
  commands: Commands,
  { name, places }: { name: string; places: readonly string[] },
  of: VmContext,
  { dryRun }: SweepContext,
): Promise<string[]> {
  const { control } = commands;
  await untilDone(control, { id: name, name }, of);
  const clone = await commands.run(of.signal, () => control.find(name, of));
  if (!dryRun) {
    if (clone) {
      // A sweep that was killed itself may just take it away, by its id.
      await untilDone(control, clone, of);
      await commands.run(of.signal, () => control.powerOff(clone, of));
    }
    // Also what a clone that was never finished has left.
    await commands.run(of.signal, async () => control.remove?.(name, of, places));
  }
  return clone ? [`${control.engine} clone ${name}`] : [];
}

async function sweepVm(
  commands: Commands,
  facts: VmFacts,
  of: VmContext,
  { dryRun, host }: SweepContext,
): Promise<string[]> {
  const { control } = commands;
  const { vm } = facts;
  const unlock = await host.locks.tryAcquire(lockName(control.engine, vm));
  // A living run has the VM now.
  if (!unlock) return [];
  try {
    if (!(await isLeftRunning(commands, facts, of))) return [];
    if (!dryRun) await commands.run(of.signal, () => control.powerOff(vm, of));
    return [`${control.engine} VM ${vm.name}, which was left running`];
  } finally {
    await unlock();
  }
}
