/**
 * Which tests of a cell failed, or passed only at last, in its last runs: what fails now may do so now and then. Kept are
 * only such tests, so many of them, a bit a run; tests are known by a digest, for their names may be of any length.
 */
import { createHash } from 'node:crypto';
import type { CellResult, RecentTest, TestCase, TestSuite } from '../results/model.ts';
import { testIdentifier } from '../results/test-identity.ts';
import { withoutUndefined } from '../results/without-undefined.ts';

/** Runs: as many as of cells. */
const RUNS = 20;
const WINDOW = 2 ** RUNS - 1;
/** Tests of a cell. One that is broken as a whole needs no history of each. */
const MOST = 200;

export interface TestHistory {
  /** That gave an answer; at most 20. */
  runs: number;
  /** Digest → runs in which it failed, and in which it was flaky, as bits: the lowest is the newest run. */
  tests: Record<string, [failed: number, flaky: number]>;
}

const NONE: TestHistory = { runs: 0, tests: {} };

export function withRun(before: TestHistory | undefined, { outcome, suites }: CellResult): TestHistory {
  const known = before ?? NONE;
  // What could not be run says nothing about its tests.
  if (outcome !== 'passed' && outcome !== 'failed' && outcome !== 'flaky') return known;
  const now = new Map<string, 'failed' | 'flaky'>();
  eachUnsteady(suites, (_testCase, key, how) => now.set(key, how));
  const tests: TestHistory['tests'] = {};
  for (const key of [...Object.keys(known.tests), ...now.keys()]) {
    const [failed = 0, flaky = 0] = known.tests[key] ?? [];
    const bits: [number, number] = [
      ((failed << 1) & WINDOW) | Number(now.get(key) === 'failed'),
      ((flaky << 1) & WINDOW) | Number(now.get(key) === 'flaky'),
    ];
    const isKnown = key in tests || Object.keys(tests).length < MOST;
    if (isKnown && bits[0] + bits[1] > 0) tests[key] = bits;
  }
  return { runs: Math.min(known.runs + 1, RUNS), tests };
}

/** The cell, with what is known of each test that failed or was flaky now. */
export function withRecentTests(cell: CellResult, history: TestHistory | undefined): CellResult {
  const { runs, tests } = history ?? NONE;
  if (Object.keys(tests).length === 0) return cell;
  const recent = new Map<TestCase, RecentTest>();
  eachUnsteady(cell.suites, (testCase, key) => {
    const bits = tests[key];
    if (bits) recent.set(testCase, { runs, failed: countBits(bits[0]), flaky: countBits(bits[1]) });
  });
  if (recent.size === 0) return cell;
  const suites = cell.suites.map((suite) => ({
    ...suite,
    cases: suite.cases.map((testCase) => withoutUndefined({ ...testCase, recent: recent.get(testCase) })),
  }));
  return { ...cell, suites };
}

/** Leaves out histories of tests beyond so many of all cells; those of the cells named first stay. */
export function capTests(
  cells: Record<string, { tests?: TestHistory }>,
  first: Iterable<string>,
  most: number,
): void {
  let left = most;
  for (const id of new Set([...first, ...Object.keys(cells)])) {
    const history = cells[id];
    if (!history?.tests) continue;
    const count = Object.keys(history.tests.tests).length;
    if (count > left) history.tests = { ...history.tests, tests: {} };
    else left -= count;
  }
}

function eachUnsteady(
  suites: readonly TestSuite[],
  visit: (testCase: TestCase, key: string, how: 'failed' | 'flaky') => void,
): void {
  // Most cells have none, and may have a million tests.
  if (!suites.some(({ cases }) => cases.some(howOf))) return;
  const identify = testIdentifier();
  for (const suite of suites) {
    for (const testCase of suite.cases) {
      const how = howOf(testCase);
      const identity = identify(suite, testCase);
      if (how) visit(testCase, createHash('sha256').update(identity).digest('base64url').slice(0, 12), how);
    }
  }
}

function howOf({ status, reruns }: TestCase): 'failed' | 'flaky' | undefined {
  if (status === 'failed' || status === 'error') return 'failed';
  return status === 'passed' && reruns?.length ? 'flaky' : undefined;
}

export function isTestHistory(value: unknown): value is TestHistory {
  if (typeof value !== 'object' || value === null) return false;
  const { runs, tests } = value as Partial<Record<keyof TestHistory, unknown>>;
  if (!isCount(runs, RUNS) || typeof tests !== 'object' || tests === null) return false;
  return Object.values(tests).every(
    (bits) => Array.isArray(bits) && bits.length === 2 && bits.every((one) => isCount(one, WINDOW)),
  );
}

function isCount(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll('0', '').length;
}
