/** The restore of a cell: the program makes a machine of its own, under a lease that can have it taken away. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { OpenContext } from '../driver.ts';
import { factsFor } from './lease-facts.ts';
import { CommandMachine } from './machine.ts';
import type { Plan } from './plan.ts';
import { machineSubject, type Subject } from './request.ts';

export async function openMachine(plan: Plan, context: OpenContext): Promise<CommandMachine> {
  const { engine, target } = plan;
  const { lease, logs, signal } = context;
  const subject = machineSubject(target, lease.record, logs);
  await mkdir(logs, { recursive: true });
  await lease.note(factsFor(plan, subject));
  try {
    const { identity } = await engine.call('restore', subject, signal);
    return new CommandMachine(plan, subject, `command:${keyOf(plan, subject)}:${identity ?? ''}`);
  } catch (error) {
    // Half a machine is one, too. The error of the restore is the one that counts.
    await engine.call('release', subject, new AbortController().signal).catch(() => {});
    throw error;
  }
}

/** Of all that decides which clean state it is, for all we know. */
function keyOf({ engine }: Plan, { target, snapshot, with: options }: Subject): string {
  const text = JSON.stringify([engine.options, target, snapshot, options]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
