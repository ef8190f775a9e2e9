import type { LeaseRecord } from '../host/host.ts';
import { sweep } from '../run/sweep.ts';
import { EXIT } from './exit-codes.ts';
import { cliHost } from './host.ts';
import { listenForInterrupt } from './interrupt.ts';

export async function cleanCommand(options: { dryRun?: boolean; verbose?: boolean }): Promise<number> {
  const dryRun = options.dryRun ?? false;
  const { signal } = listenForInterrupt();
  const { swept, left, rest, unreadable } = await sweep(cliHost(options), { kept: true, dryRun, signal });
  const say = (line: string) => process.stdout.write(`${line}\n`);
  for (const { record, actions, error } of swept) {
    const whose = `${nameOf(record)} (${record.cell ?? record.target}, ${record.created})`;
    if (error !== undefined) say(`could not take away ${whose}: ${error}`);
    else
      say(
        `${dryRun ? 'would take away' : 'took away'} ${whose}${actions.map((action) => `\n  ${action}`).join('')}`,
      );
  }
  for (const { record, why } of left) say(`left ${nameOf(record)} alone: ${why}`);
  for (const line of rest) say(`${dryRun ? 'would take away' : 'took away'} ${line}`);
  for (const trouble of unreadable) say(trouble);
  if (swept.length + left.length + rest.length + unreadable.length === 0) say('nothing to clean');
  return swept.some(({ error }) => error !== undefined) ? EXIT.error : EXIT.passed;
}

/** Packed uploads are leased as well, by no engine. */
function nameOf({ engine, id }: LeaseRecord): string {
  return engine === 'none' ? `packed files ${id}` : `${engine} machine ${id}`;
}
