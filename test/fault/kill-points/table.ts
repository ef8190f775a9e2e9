/** What a campaign found, for docs/reliability.md. */
import type { Done } from './attack.ts';

export function tableOf(done: readonly Done[]): string {
  const ways = [...new Set(done.map(({ point }) => point.way))];
  const places = [...new Set(done.map(({ result }) => result.last))].map(
    (place) => `${place} ${done.filter(({ result }) => result.last === place).length}`,
  );
  return [
    '| signal | trials | who repaired was struck | leaks | late | wrong verdicts | hangs | to exit: median | worst |',
    '|---|---|---|---|---|---|---|---|---|',
    ...ways.map((way) =>
      rowOf(
        way,
        done.filter(({ point }) => point.way === way),
      ),
    ),
    '',
    `where: ${places.join(', ')}`,
  ].join('\n');
}

function rowOf(way: string, done: readonly Done[]): string {
  const results = done.map(({ result }) => result);
  const count = (isOne: (result: Done['result']) => boolean) => results.filter(isOne).length;
  const times = results
    .flatMap(({ toExit }) => (toExit === undefined ? [] : [toExit]))
    .toSorted((a, b) => a - b);
  const seconds = (ms = 0) => `${(ms / 1000).toFixed(2)} s`;
  return `| ${[
    way,
    results.length,
    count(({ struck }) => struck),
    count(({ leaks }) => leaks.length > 0),
    count(({ late }) => late.length > 0),
    count(({ lies }) => lies.length > 0),
    count(({ hung }) => hung),
    seconds(times[Math.floor(times.length / 2)]),
    seconds(times.at(-1)),
  ].join(' | ')} |`;
}
