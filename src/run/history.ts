/**
 * What earlier runs of a matrix file saw: how long each cell took (to start the longest first) and how it ended (for
 * `--last-failed`, and to tell an unsteady cell or test from one that has just broken). One small file a matrix file, in
 * the state folder; losing it costs nothing but speed.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../host/atomic-write.ts';
import { withDeadline } from '../host/deadline.ts';
import type { Host } from '../host/host.ts';
import { makeFolder } from '../host/make-folder.ts';
import { complaint, readStateFile } from '../host/state-file.ts';
import type { CellResult, Outcome, RecentRuns } from '../results/model.ts';
import { type CellHistory, type Past, parsePast } from './past.ts';
import { capTests, withRun } from './test-history.ts';

/** Runs. More say little about what the software is like now. */
const RECENT = 20;
/** Of all cells, with a history of their own: about half a megabyte. */
const MOST_TESTS = 20_000;

/** Weight of the newest duration: old hosts and old suites are forgotten after a few runs. */
const NEWEST = 0.5;

/** Says what is wrong with a history that is not whole; it counts as empty then. */
export async function readPast(host: Pick<Host, 'paths' | 'warn'>, matrixFile: string): Promise<Past> {
  const path = pathOf(host.paths.state, matrixFile);
  const file = await readStateFile(path, parsePast);
  if (file.state === 'whole') return file.value;
  const trouble = complaint(path, file, `what earlier runs of ${matrixFile} saw is not known any more`);
  if (trouble === undefined) return { cells: {}, prepared: {} };
  host.warn(trouble);
  return { cells: {}, prepared: {}, isLost: true };
}

/** Adds a run's cells to what is known. Cells that never ran leave their entry as it was. */
export async function saveHistory(
  host: Pick<Host, 'paths' | 'warn' | 'locks'>,
  matrixFile: string,
  cells: readonly CellResult[],
  prepared: Past['prepared'] = {},
): Promise<void> {
  const path = pathOf(host.paths.state, matrixFile);
  await makeFolder(dirname(path));
  // Another run of the same file must not be forgotten.
  const unlock = await withDeadline(
    NEVER,
    LOCK_MS,
    'waiting for another run that saves its history',
    (signal) => host.locks.acquire(`history:${matrixFile}`, { signal }),
  );
  try {
    const { cells: known, prepared: times } = await readPast(host, matrixFile);
    for (const cell of cells) {
      if (cell.attempts.length > 0) known[cell.id] = merge(known[cell.id], cell);
    }
    const newest = cells.map(({ id }) => id);
    capTests(known, newest, MOST_TESTS);
    const past = { file: matrixFile, cells: known, prepared: { ...times, ...prepared } };
    await writeAtomic(path, JSON.stringify(past));
  } finally {
    await unlock();
  }
}

const NEVER = new AbortController().signal;
const LOCK_MS = 2_000;

function merge(before: CellHistory | undefined, cell: CellResult): CellHistory {
  const took = Object.entries(cell.timings).reduce(
    (sum, [phase, ms]) => (phase === 'queue' ? sum : sum + ms),
    0,
  );
  const { outcome } = cell;
  if (outcome === 'cancelled') return { ...before, outcome };
  const duration = before?.duration === undefined ? took : before.duration * (1 - NEWEST) + took * NEWEST;
  const recent = [...(before?.recent ?? []), ...(outcome === 'skipped' ? [] : [outcome])].slice(-RECENT);
  return { duration: Math.round(duration), outcome, recent, tests: withRun(before?.tests, cell) };
}

/** Undefined for a cell of which no run is known. */
export function recentRuns(history: CellHistory | undefined): RecentRuns | undefined {
  const recent = history?.recent ?? [];
  if (recent.length === 0) return undefined;
  const count = (wanted: Outcome) => recent.filter((outcome) => outcome === wanted).length;
  return {
    runs: recent.length,
    passed: count('passed'),
    flaky: count('flaky'),
    failed: count('failed'),
    error: count('error'),
  };
}

function pathOf(state: string, matrixFile: string): string {
  const key = createHash('sha256').update(matrixFile).digest('hex').slice(0, 32);
  return join(state, 'history', `${key}.json`);
}
