/** What a whole run comes to: counts, outcome, exit code. */
import { addTests, countCells } from './counts.ts';
import type { CellResult, Outcome, RunInfo, RunResult } from './model.ts';

/** Those of the exit codes that a run can end with. */
export const RUN_EXIT = { passed: 0, failed: 1, error: 3, nothing: 4, interrupted: 130 } as const;

export interface RunEnd {
  /** ISO 8601 in UTC. */
  finished: string;
  /** Ctrl-C or another signal ended it. */
  interrupted?: boolean;
}

export function finishRun(run: RunInfo, cells: readonly CellResult[], end: RunEnd): RunResult {
  const exitCode = exitCodeOf(cells, end.interrupted ?? false);
  return {
    version: 1,
    run: { ...run, finished: end.finished, outcome: outcomeOf(cells, exitCode), exitCode },
    summary: summarise(cells),
    cells: [...cells],
  };
}

export function summarise(cells: readonly CellResult[]): RunResult['summary'] {
  return { cells: countCells(cells), tests: addTests(cells.map(({ tests }) => tests)) };
}

/**
 * A failure weighs more than an error: it is an answer. Cells that may fail (`continue-on-error`) are left out of
 * account. A cancelled cell was not run, and neither was anything when all were skipped: never 0.
 */
function exitCodeOf(cells: readonly CellResult[], interrupted: boolean): number {
  if (interrupted) return RUN_EXIT.interrupted;
  if (cells.length === 0) return RUN_EXIT.nothing;
  const outcomes = new Set(cells.filter((cell) => !cell.allowedToFail).map(({ outcome }) => outcome));
  if (outcomes.has('failed')) return RUN_EXIT.failed;
  if (outcomes.has('error') || outcomes.has('cancelled')) return RUN_EXIT.error;
  return cells.every(({ outcome }) => outcome === 'skipped') ? RUN_EXIT.error : RUN_EXIT.passed;
}

function outcomeOf(cells: readonly CellResult[], exitCode: number): Outcome {
  if (exitCode === RUN_EXIT.interrupted) return 'cancelled';
  if (exitCode === RUN_EXIT.failed) return 'failed';
  if (cells.every(({ outcome }) => outcome === 'skipped')) return 'skipped';
  const broken = cells.some(({ outcome, allowedToFail }) => outcome === 'error' && !allowedToFail);
  if (exitCode === RUN_EXIT.error) return broken ? 'error' : 'cancelled';
  return cells.some(({ outcome }) => outcome === 'flaky') ? 'flaky' : 'passed';
}
