/**
 * Takes away what a dead run's lease names: its clone, or its hold on a VM of a person, which is powered off when nobody
 * else has it by now.
 */
import type { LeaseRecord } from '../../src/host/host.ts';
import type { DriverContext } from '../driver.ts';
import type { Commands } from './commands.ts';
import type { VmContext } from './control.ts';
import { type Hold, leftOn, lockName } from './in-use.ts';
import { factsOf, targetFor } from './lease-facts.ts';
import { untilDone } from './on-its-way.ts';
import { powerOffFound } from './power-off-found.ts';

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(
  commands: Commands,
  record: LeaseRecord,
  context: SweepContext,
): Promise<string[]> {
  const more = (await commands.control.sweep?.(record, context)) ?? [];
  const facts = factsOf(record);
  if (!facts) return more;
  const { host, signal } = context;
  const of = { host, signal, target: targetFor(record, facts) };
  return [...(await sweepMachine(commands, { record, facts }, of, context)), ...more];
}

async function sweepMachine(
  commands: Commands,
  hold: Hold,
  of: VmContext,
  context: SweepContext,
): Promise<string[]> {
  const { clone, places, restored } = hold.facts;
  if (clone !== undefined) return sweepClone(commands, { name: clone, places }, of, context);
  // Who runs a VM that the cell had not got round to is a person.
  return restored ? sweepVm(commands, hold, of, context) : [];
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
  { record, facts }: Hold,
  of: VmContext,
  { dryRun, host }: SweepContext,
): Promise<string[]> {
  const { control } = commands;
  const { vm } = facts;
  const unlock = await host.locks.tryAcquire(lockName(control.engine, vm));
  // A living run has the VM now.
  if (!unlock) return [];
  try {
    const state = await leftOn(commands, facts, of);
    if (state === undefined) return [];
    const note = (more: Record<string, unknown>) => host.leases.amend(record, more);
    if (!dryRun) await powerOffFound(commands, { ...vm, state }, of, note);
    return [`${control.engine} VM ${vm.name}, which was left running`];
  } finally {
    await unlock();
  }
}
