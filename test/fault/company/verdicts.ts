/** What runs that go on side by side said and did, by their events and results. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult } from '../../../src/results/model.ts';
import type { Running } from '../kill-points/vmtest.ts';
import type { Shared } from './targets.ts';

/** Whether it has what all others wait for. */
export function hasIt(member: Running, { what }: Shared): boolean {
  return what === 'state'
    ? isMaker(member)
    : member.events.some((event) => event.type === 'cell:phase' && event.phase === 'run');
}

export function wasToldToWait(member: Running): boolean {
  return member.events.some(
    (event) =>
      (event.type === 'target:note' && /waits: the VM .* is in use by process \d+/.test(event.message)) ||
      (event.type === 'target:prepare' && /^waiting for process \d+/.test(event.message)),
  );
}

/** Of a run that nobody killed. @param folder its results. */
export async function wrongWithOne(name: string, member: Running, folder: string): Promise<string[]> {
  const { exitCode, output } = await member.ended;
  if (exitCode !== 0) return [`${name} ended with ${exitCode}: ${output}`];
  const { cells, tests } = (JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as RunResult)
    .summary;
  return cells.passed === 1 && tests.passed === 1 ? [] : [`${name}: ${JSON.stringify({ cells, tests })}`];
}

/** A clean state is made once, and once more when its maker was killed. Who waits for a VM is told. */
export function wrongWithAll(members: readonly Running[], { what }: Shared, killed: boolean): string[] {
  if (what === 'state') {
    const makers = members.filter(isMaker).length;
    const right = killed ? 2 : 1;
    return makers === right ? [] : [`${makers} made the clean state, not ${right}`];
  }
  const untold = members.filter((member) => !wasToldToWait(member)).length;
  return untold <= 1 ? [] : [`${untold} were not told to wait`];
}

function isMaker(member: Running): boolean {
  return member.events.some(
    (event) => event.type === 'target:prepare' && event.message === 'booting the guest',
  );
}
