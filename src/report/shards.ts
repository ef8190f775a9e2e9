/** Which parts of a run are there, which are there twice, and which are not. */
import { parseShard } from '../../matrix/shard.ts';
import type { Gap, SourceRun } from './source.ts';

/** More are only counted. */
const NAMED = 20;

/**
 * A shard that CI ran again (same matrix file, same part, same cells) stands for its earlier try, as a job that is run
 * again does. Everything else that is there twice is for people to decide.
 */
export function dropSuperseded(runs: readonly SourceRun[]): { runs: SourceRun[]; notes: string[] } {
  const last = new Map<string, SourceRun>();
  for (const run of runs) {
    const before = last.get(keyOf(run));
    if (!before || Date.parse(before.run.started) <= Date.parse(run.run.started)) last.set(keyOf(run), run);
  }
  const stands = (run: SourceRun) => run.run.shard === undefined || last.get(keyOf(run)) === run;
  const notes = runs
    .filter((run) => !stands(run))
    .map(
      (run) =>
        `${run.source}: shard ${run.run.shard} was run again (${last.get(keyOf(run))?.source}): that one stands`,
    );
  return { runs: runs.filter(stands), notes };
}

function keyOf({ run, cells }: SourceRun): string {
  return JSON.stringify([run.matrix, run.shard, cells.map(({ id }) => id)]);
}

/** One gap for each sharded run that is not whole. */
export function missingShards(runs: readonly SourceRun[]): Gap[] {
  const groups = new Map<string, { matrix?: string; count: number; present: Set<number> }>();
  for (const { run } of runs) {
    if (run.shard === undefined) continue;
    const { index, count } = parseShard(run.shard);
    const key = JSON.stringify([run.matrix, count]);
    const group = groups.get(key) ?? {
      ...(run.matrix === undefined ? {} : { matrix: run.matrix }),
      count,
      present: new Set(),
    };
    groups.set(key, group);
    group.present.add(index);
  }
  return [...groups.values()].flatMap(({ matrix, count, present }) => {
    const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !present.has(index));
    if (missing.length === 0) return [];
    const named = missing.slice(0, NAMED).map((index) => `${index}/${count}`);
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
    const subject = missing.length === 1 ? 'a shard is' : `${missing.length} shards are`;
    return [
      {
        values: { ...(matrix === undefined ? {} : { matrix }), shards: 'missing' },
        error: {
          code: 'SHARD_MISSING',
          message: `${subject} missing${matrix === undefined ? '' : ` of ${matrix}`}: ${named.join(', ')}${more}`,
          hint: 'Did the job of that shard end before it could hand over its results?',
        },
      },
    ];
  });
}
