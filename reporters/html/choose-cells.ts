/** Which cells the page shows, and in which order their details are packed until there is no more room. */
import type { CellResult, Outcome } from '../../src/results/model.ts';

const URGENCY: Record<Outcome, number> = {
  failed: 0,
  error: 0,
  flaky: 1,
  cancelled: 2,
  skipped: 3,
  passed: 3,
};

/** At most so many, in their own order; those that passed are left out first. */
export function chooseCells(cells: readonly CellResult[], most: number): readonly CellResult[] {
  if (cells.length <= most) return cells;
  const chosen = new Set(mostUrgentFirst(cells).slice(0, most));
  return cells.filter((cell) => chosen.has(cell));
}

export function mostUrgentFirst(cells: readonly CellResult[]): CellResult[] {
  return cells.toSorted((a, b) => URGENCY[a.outcome] - URGENCY[b.outcome]);
}
