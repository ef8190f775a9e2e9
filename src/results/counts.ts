/** True counts, made from the cases: the only ones that any report shows. */
import type { CellCounts, CellResult, TestCounts, TestSuite } from './model.ts';

export function noTests(): TestCounts {
  return { total: 0, passed: 0, failed: 0, error: 0, skipped: 0 };
}

export function countTests(suites: readonly TestSuite[]): TestCounts {
  const counts = noTests();
  for (const suite of suites) {
    counts.total += suite.cases.length;
    for (const { status } of suite.cases) counts[status] += 1;
  }
  return counts;
}

export function addTests(counts: readonly TestCounts[]): TestCounts {
  const sum = noTests();
  for (const one of counts) {
    for (const key of Object.keys(sum) as (keyof TestCounts)[]) sum[key] += one[key];
  }
  return sum;
}

export function countCells(cells: readonly Pick<CellResult, 'outcome'>[]): CellCounts {
  const counts: CellCounts = {
    total: cells.length,
    passed: 0,
    failed: 0,
    error: 0,
    skipped: 0,
    cancelled: 0,
    flaky: 0,
  };
  for (const { outcome } of cells) counts[outcome] += 1;
  return counts;
}
