/** What a campaign found, for docs/reliability.md. */
import type { Done } from './attack.ts';
import { FAULTS } from './faults.ts';

export function tableOf(done: readonly Done[]): string {
  const struck = done.filter(({ result }) => result.struck);
  return [
    '| fault | trials | leaks | wrong | hangs | survived | error | longest |',
    '|---|---|---|---|---|---|---|---|',
    ...FAULTS.map((fault) =>
      rowOf(
        fault,
        struck.filter(({ trial }) => trial.trouble.fault === fault),
      ),
    ),
    rowOf('all', struck),
    '',
    `not reached: ${done.length - struck.length}`,
  ].join('\n');
}

function rowOf(name: string, done: readonly Done[]): string {
  const results = done.map(({ result }) => result);
  const count = (isOne: (result: Done['result']) => boolean) => results.filter(isOne).length;
  return `| ${[
    name,
    results.length,
    count(({ leaks }) => leaks.length > 0),
    count(({ lies }) => lies.length > 0),
    count(({ hung }) => hung),
    count(({ outcome }) => outcome !== 'error'),
    count(({ outcome }) => outcome === 'error'),
    `${(Math.max(0, ...results.map(({ ms }) => ms)) / 1000).toFixed(0)} s`,
  ].join(' | ')} |`;
}
