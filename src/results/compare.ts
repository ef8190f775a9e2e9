/** Two runs, cell by cell and test by test: what changed. Pure. */
import type { Changes, Comparison, SlowerCell, Times } from './comparison.ts';
import type { CellResult, Outcome, RunResult, TestCase } from './model.ts';
import { COMMAND_SUITE, isCellSuite } from './pseudo-suites.ts';
import { type Change, type FoundTest, noChanges, TestChanges } from './test-changes.ts';
import { testIdentifier } from './test-identity.ts';

/**
 * What counts as slower: at least so many times as long, and so many milliseconds more. A single earlier run says nothing
 * about scatter, and a guest's times scatter by tens of percent; the floors keep what is short anyway out of the list.
 */
export const SLOWER = { factor: 1.5, test: 1_000, cell: 5_000 } as const;

/** Of a cell's times only the test command's is compared: boot and transfer are the host's affair. */
export function compare(before: RunResult, after: RunResult): Comparison {
  const cells = noChanges<string, SlowerCell>();
  const tests = new TestChanges();
  const old = new Map(before.cells.map((cell) => [cell.id, cell]));
  for (const cell of after.cells) {
    const earlier = old.get(cell.id);
    compareCell(earlier, cell, cells);
    if (earlier) compareTests(earlier, cell, tests);
    old.delete(cell.id);
  }
  cells.removed.push(...old.keys());
  const { id, started, matrix } = before.run;
  return {
    baseline: { id, started, ...(matrix === undefined ? {} : { matrix }) },
    cells,
    tests: tests.ranked(),
  };
}

/** Whether the two runs differ in anything that is told. What fails as it did before is no change. */
export function hasChanges({ cells, tests }: Comparison): boolean {
  return [cells, tests].some(({ stillFailing: _same, ...changes }) =>
    Object.values(changes).some((list) => list.length > 0),
  );
}

type Fate = 'good' | 'bad' | 'flaky' | 'none' | 'absent';

const CELL_FATES: Record<Outcome, Fate> = {
  passed: 'good',
  failed: 'bad',
  error: 'bad',
  flaky: 'flaky',
  skipped: 'none',
  cancelled: 'none',
};

function changeOf(before: Fate, after: Fate): Change | undefined {
  if (after === 'bad') return before === 'bad' ? 'stillFailing' : 'newlyFailing';
  if (after === 'flaky' && before !== 'flaky') return 'flaky';
  if (after === 'good' && before === 'bad') return 'fixed';
  if (before === 'absent') return 'added';
  if (after === 'absent') return 'removed';
  return after === 'none' && before !== 'none' ? 'notRun' : undefined;
}

function compareCell(
  before: CellResult | undefined,
  after: CellResult,
  into: Changes<string, SlowerCell>,
): void {
  const from = before ? CELL_FATES[before.outcome] : 'absent';
  const to = CELL_FATES[after.outcome];
  const change = changeOf(from, to);
  if (change) into[change].push(after.id);
  else if (from === 'good' && to === 'good') {
    const times = slower(before?.timings.run, after.timings.run, SLOWER.cell);
    if (times) into.slower.push({ cell: after.id, ...times });
  }
}

function compareTests(before: CellResult, after: CellResult, into: TestChanges): void {
  const old = testsOf(before);
  const now = testsOf(after);
  const whole = isWhole(before) && isWhole(after);
  for (const [key, found] of now) {
    const earlier = old.get(key);
    old.delete(key);
    const from = earlier ? testFate(earlier.testCase) : 'absent';
    const to = testFate(found.testCase);
    const change = changeOf(from, to);
    if (change === undefined) {
      if (from !== 'good' || to !== 'good') continue;
      const times = slower(earlier?.testCase.duration, found.testCase.duration, SLOWER.test);
      if (times) into.slower(key, found, after.id, times);
    } else if (change !== 'added' || whole) into.add(change, key, found, after.id);
  }
  if (!whole) return;
  for (const [key, found] of old) {
    const change = changeOf(testFate(found.testCase), goneFate(found, after));
    if (change) into.add(change, key, found, after.id);
  }
}

/** Beside other results, the case of the test command is there only when the command failed. */
function goneFate({ suite }: FoundTest, { outcome }: CellResult): Fate {
  return suite.name === COMMAND_SUITE && outcome !== 'failed' ? 'good' : 'absent';
}

/** A cell that was cut short is no witness for tests that are not there. */
function isWhole({ outcome }: CellResult): boolean {
  return outcome === 'passed' || outcome === 'failed' || outcome === 'flaky';
}

function testsOf({ suites }: CellResult): Map<string, FoundTest> {
  const identify = testIdentifier();
  const found = new Map<string, FoundTest>();
  for (const suite of suites) {
    if (isCellSuite(suite)) continue;
    for (const testCase of suite.cases) found.set(identify(suite, testCase), { suite, testCase });
  }
  return found;
}

function testFate({ status, reruns = [] }: TestCase): Fate {
  if (status === 'failed' || status === 'error') return 'bad';
  if (status === 'skipped') return 'none';
  return reruns.length > 0 ? 'flaky' : 'good';
}

function slower(before: number | undefined, after: number | undefined, floor: number): Times | undefined {
  if (before === undefined || after === undefined) return undefined;
  return after >= before * SLOWER.factor && after - before >= floor ? { before, after } : undefined;
}
