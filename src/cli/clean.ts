import type { LeaseRecord } from '../host/host.ts';
import { type Swept, sweep } from '../run/sweep.ts';
import { EXIT } from './exit-codes.ts';
import { cliHost } from './host.ts';
import { listenForInterrupt } from './interrupt.ts';

export async function cleanCommand(options: { dryRun?: boolean; verbose?: boolean }): Promise<number> {
  const dryRun = options.dryRun ?? false;
  const { signal } = listenForInterrupt();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const tookAway = dryRun ? 'would take away' : 'took away';
  const onSwept = ({ record, actions, error }: Swept) => {
    const whose = `${nameOf(record)} (${record.cell ?? record.target}, ${record.created})`;
    if (error !== undefined) say(`could not take away ${whose}: ${error}`);
    else say([`${tookAway} ${whose}`, ...actions].join('\n  '));
  };
  const { swept, left, rest, unreadable } = await sweep(cliHost(options), {
    kept: true,
    dryRun,
    signal,
    onSwept,
    onWait: (sweeper) => process.stderr.write(`waiting for ${sweeper}, which sweeps up after dead runs\n`),
  });
  for (const { record, why } of left) say(`left ${nameOf(record)} alone: ${why}`);
  for (const line of rest) say(`${tookAway} ${line}`);
  for (const trouble of unreadable) say(trouble);
  if (swept.length + left.length + rest.length + unreadable.length === 0) say('nothing to clean');
  return swept.some(({ error }) => error !== undefined) ? EXIT.error : EXIT.passed;
}

/** Packed uploads are leased as well, by no engine. */
function nameOf({ engine, id }: LeaseRecord): string {
  return engine === 'none' ? `packed files ${id}` : `${engine} machine ${id}`;
}
