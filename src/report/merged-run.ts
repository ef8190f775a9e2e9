/** What is told of a run that is made of several: who, when, from which matrix file. */
import type { RunInfo } from '../results/model.ts';
import type { Read } from './read-inputs.ts';
import type { SourceRun } from './source.ts';

/** Of the run that began first; what the others do not share is left out. */
export function infoOf(runs: readonly SourceRun[], foreign: Read['foreign'], self: RunInfo): RunInfo {
  const [first, ...others] = runs.map(({ run }) => run).sort((a, b) => compareTimes(a.started, b.started));
  if (!first) return { ...self, started: earliest(foreign.map(({ started }) => started)) ?? self.started };
  if (others.length === 0) return first;
  const { matrix, shard: _shard, ...shared } = first;
  const same = others.every((other) => other.matrix === matrix);
  return { ...shared, ...(same && matrix !== undefined ? { matrix } : {}) };
}

export function endOf(runs: readonly SourceRun[], foreign: Read['foreign']): string {
  const ends = runs.length > 0 ? runs.map(({ finished }) => finished) : foreign.map(endOfForeign);
  return ends.sort(compareTimes).at(-1) ?? new Date().toISOString();
}

function endOfForeign({ started, cell }: Read['foreign'][number]): string {
  return new Date(Date.parse(started) + (cell.timings.run ?? 0)).toISOString();
}

function earliest(times: readonly string[]): string | undefined {
  return [...times].sort(compareTimes)[0];
}

/** Not as text: stamps differ in their fractions. */
function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
