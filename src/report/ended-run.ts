import { dirname } from 'node:path';
import { parseShard } from '../../matrix/shard.ts';
import type { RunResult } from '../results/model.ts';
import { RUN_EXIT } from '../results/summary.ts';
import { isShardGap } from './missing-cells.ts';
import type { SourceRun } from './source.ts';

/**
 * A run that wrote down how it ended.
 * @param path of the file it was read from.
 * @throws VmtestError `SHARD_INVALID`
 */
export function endedRun(
  { run: all, cells }: Pick<RunResult, 'run' | 'cells'>,
  path: string,
  source: string,
): SourceRun {
  const { finished, outcome: _outcome, exitCode, ...run } = all;
  const interrupted = exitCode === RUN_EXIT.interrupted;
  const base = { source, folder: dirname(path), run, finished, interrupted };
  if (run.shard === undefined) return { ...base, cells };
  parseShard(run.shard);
  return { ...base, cells: cells.filter((cell) => !isShardGap(cell)) };
}
