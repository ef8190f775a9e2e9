/**
 * What earlier runs of a matrix file saw: how long each cell took (to start the longest first) and how it ended (for
 * `--last-failed`, and to tell an unsteady cell or test from one that has just broken). One small file a matrix file, in
 * the state folder; losing it costs nothing but speed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../host/atomic-write.ts';
import type { CellResult, Outcome, RecentRuns } from '../results/model.ts';
import { capTests, type TestHistory, withRun } from './test-history.ts';

export interface CellHistory {
  /** Milliseconds from the first phase after the queue to the end, smoothed over runs. */
  duration?: number;
  outcome: Outcome;
  /** Of the last runs, the newest last; those that were cancelled or skipped are left out. */
  recent?: Outcome[];
  tests?: TestHistory;
}

/** Runs. More say little about what the software is like now. */
const RECENT = 20;
/** Of all cells, with a history of their own: about half a megabyte. */
const MOST_TESTS = 20_000;

export type History = Record<string, CellHistory>;

/** Weight of the newest duration: old hosts and old suites are forgotten after a few runs. */
const NEWEST = 0.5;

export interface Past {
  cells: History;
  /** Target → milliseconds that making its clean state took the last time. */
  prepared: Record<string, number>;
}

export async function readHistory(state: string, matrixFile: string): Promise<History> {
  return (await readPast(state, matrixFile)).cells;
}

export async function readPast(state: string, matrixFile: string): Promise<Past> {
  try {
    const past = JSON.parse(await readFile(pathOf(state, matrixFile), 'utf8')) as Partial<Past>;
    if (typeof past.cells === 'object')
      return { cells: wholeCells(past.cells), prepared: { ...past.prepared } };
  } catch {
    // Absent or damaged: start anew.
  }
  return { cells: {}, prepared: {} };
}

/** Adds a run's cells to what is known. Cells that never ran leave their entry as it was. */
export async function saveHistory(
  state: string,
  matrixFile: string,
  cells: readonly CellResult[],
  prepared: Past['prepared'] = {},
): Promise<void> {
  const past = await readPast(state, matrixFile);
  for (const cell of cells) {
    if (cell.attempts.length > 0) past.cells[cell.id] = merge(past.cells[cell.id], cell);
  }
  capTests(
    past.cells,
    cells.map(({ id }) => id),
    MOST_TESTS,
  );
  Object.assign(past.prepared, prepared);
  await mkdir(join(state, 'history'), { recursive: true, mode: 0o700 });
  await writeAtomic(pathOf(state, matrixFile), JSON.stringify({ file: matrixFile, ...past }));
}

/** Entries of another shape are those of a damaged file. */
function wholeCells(cells: object): History {
  const whole = Object.entries(cells).filter(([, cell]: [string, Partial<CellHistory> | null]) => {
    if (typeof cell !== 'object' || cell === null) return false;
    const { duration = 0, recent = [] } = cell;
    return Number.isFinite(duration) && Array.isArray(recent);
  });
  return Object.fromEntries(whole) as History;
}

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
