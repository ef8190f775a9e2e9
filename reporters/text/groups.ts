/**
 * Cells that came to grief, put together where they tell the same story: three hundred cells that all met the same error
 * are one thing to read, not three hundred.
 */
import type { CellResult, TestCase, TestSuite } from '../../src/results/model.ts';

export interface FoundTest {
  suite: TestSuite;
  testCase: TestCase;
}

export interface CellGroup {
  /** At least one; in the order of the run. */
  cells: [CellResult, ...CellResult[]];
  /** Of the first cell, and so of all. */
  tests: FoundTest[];
}

/** Failed cells in which the same tests failed with the same messages. */
export function groupFailed(cells: readonly CellResult[]): CellGroup[] {
  return group(cells, failingTests, (cell, tests) => [
    cell.allowedToFail,
    ...tests.map(({ suite, testCase }) => [
      suite.name,
      testCase.classname,
      testCase.name,
      testCase.failures?.map(({ message }) => message),
    ]),
  ]);
}

/** Cells with the same error in the same phase. Numbers in messages (ports, seconds) make no difference. */
export function groupErrors(cells: readonly CellResult[]): CellGroup[] {
  return group(
    cells,
    () => [],
    ({ allowedToFail, phase, error }) => [
      allowedToFail,
      phase,
      error?.code,
      error?.message.replace(/\d+/g, '#'),
    ],
  );
}

/** Cells that passed, but not at once: the cell was retried, or tests within it were. */
export function groupFlaky(cells: readonly CellResult[]): CellGroup[] {
  return group(cells, flakyTests, (cell, tests) => [
    cell.attempts.length,
    ...tests.map(({ suite, testCase }) => [suite.name, testCase.classname, testCase.name]),
  ]);
}

/** The cell was retried, or tests within it were: either way it did not pass at once. */
export function isFlaky(cell: CellResult): boolean {
  return cell.outcome === 'flaky' || (cell.outcome === 'passed' && flakyTests(cell).length > 0);
}

export function failingTests({ suites }: Pick<CellResult, 'suites'>): FoundTest[] {
  return find(suites, ({ status }) => status === 'failed' || status === 'error');
}

export function flakyTests({ suites }: CellResult): FoundTest[] {
  return find(suites, ({ status, reruns = [] }) => status === 'passed' && reruns.length > 0);
}

function find(suites: readonly TestSuite[], wanted: (testCase: TestCase) => boolean): FoundTest[] {
  return suites.flatMap((suite) => suite.cases.filter(wanted).map((testCase) => ({ suite, testCase })));
}

function group(
  cells: readonly CellResult[],
  testsOf: (cell: CellResult) => FoundTest[],
  likeness: (cell: CellResult, tests: readonly FoundTest[]) => unknown[],
): CellGroup[] {
  const groups = new Map<string, CellGroup>();
  for (const cell of cells) {
    const tests = testsOf(cell);
    const key = JSON.stringify(likeness(cell, tests));
    const alike = groups.get(key);
    if (alike) alike.cells.push(cell);
    else groups.set(key, { cells: [cell], tests });
  }
  return [...groups.values()];
}
