/**
 * One symptom is one test that failed with one message, or one error in one phase, with all the cells that it struck
 * and those that it spared. Numbers, times and the like in messages make no difference.
 */
import type { CellResult, Phase, RecentTest, TestCase, TestFailure, TestSuite } from './model.ts';
import { COMMAND_SUITE, isErrorCase } from './pseudo-suites.ts';
import { signatureOf } from './signature.ts';
import { withoutUndefined } from './without-undefined.ts';

export interface TestNames extends Pick<TestCase, 'name' | 'classname' | 'file' | 'line'> {
  suite: string;
}

export interface Symptom {
  /** `flaky`: it passed in the end. */
  kind: 'failed' | 'error' | 'flaky';
  /** The test; absent when the cell could not be run, or did not say which test it was. */
  test?: TestNames;
  /** Of an error. */
  phase?: Phase;
  /** As the first cell tells it. */
  failure: TestFailure;
  struck: CellResult[];
  /** How the test fared before, over all cells that it struck and of which something is known. */
  recent?: RecentTest;
  /** Cells that passed the same test; of an error, those that were run to their end. */
  spared: CellResult[];
}

/** In the order in which the cells, and their tests, first show them. */
export function symptomsOf(cells: readonly CellResult[]): Symptom[] {
  const symptoms = new Map<string, Symptom>();
  const passedIn = watchFailing(cells);
  const ran = cells.filter(({ outcome }) => /^(?:passed|failed|flaky)$/.test(outcome));
  const passed = cells.filter(({ outcome }) => outcome === 'passed' || outcome === 'flaky');
  const sparedBy = ({ kind, test }: Pick<Symptom, 'kind' | 'test'>): CellResult[] => {
    if (kind === 'error') return ran;
    // The command is a test of its own only where it failed by itself.
    if (!test || test.suite === COMMAND_SUITE) return passed;
    return passedIn.get(identityOf(test.suite, test)) ?? [];
  };
  for (const cell of cells) {
    const shown = [...errorsOf(cell), ...failuresOf(cell)];
    for (const { key, ...symptom } of shown.length > 0 ? shown : outcomeOf(cell)) {
      const known = symptoms.get(key);
      // Parameterised tests share their names within a cell.
      if (known && known.struck.at(-1) !== cell) {
        known.struck.push(cell);
        if (symptom.recent) known.recent = sumOf(known.recent, symptom.recent);
      }
      if (!known) symptoms.set(key, { ...symptom, struck: [cell], spared: sparedBy(symptom) });
    }
  }
  return [...symptoms.values()];
}

/** What one cell shows. Symptoms of other cells with the same key are the same. */
type Shown = Omit<Symptom, 'struck' | 'spared'> & { key: string };

function errorsOf({ outcome, error, phase = 'run' }: CellResult): Shown[] {
  if (outcome !== 'error' || !error) return [];
  const { code, message, hint, details } = error;
  const text = [hint && `hint: ${hint}`, details].filter(Boolean).join('\n\n');
  const key = JSON.stringify([phase, code, signatureOf(message)]);
  return [{ key, kind: 'error', phase, failure: { message, type: code, text } }];
}

function failuresOf({ suites, error }: CellResult): Shown[] {
  return suites.flatMap((suite) =>
    suite.cases.flatMap((testCase): Shown[] => {
      const kind = kindOf(testCase);
      if (kind === undefined || (error && isErrorCase(testCase))) return [];
      const [failure = {}] = (kind === 'flaky' ? testCase.reruns : testCase.failures) ?? [];
      const test = namesOf(suite, testCase);
      const message = signatureOf(failure.message ?? failure.text ?? '');
      return [
        {
          ...{ key: JSON.stringify([kind, identityOf(suite.name, testCase), message]), kind, test, failure },
          ...(testCase.recent ? { recent: testCase.recent } : {}),
        },
      ];
    }),
  );
}

function sumOf(one: RecentTest | undefined, other: RecentTest): RecentTest {
  const { runs, failed, flaky } = one ?? { runs: 0, failed: 0, flaky: 0 };
  return { runs: runs + other.runs, failed: failed + other.failed, flaky: flaky + other.flaky };
}

/** A cell that is red or flaky without a test or an error to show for it: results of other programs may be. */
function outcomeOf({ outcome, phase = 'run', attempts }: CellResult): Shown[] {
  if (outcome === 'error') {
    const failure = { message: 'no reason was given', type: 'UNKNOWN' };
    return [{ key: JSON.stringify([phase, failure.type]), kind: 'error', phase, failure }];
  }
  if (outcome !== 'failed' && outcome !== 'flaky') return [];
  const message = outcome === 'failed' ? 'no test says why' : `passed on attempt ${attempts.length}`;
  return [{ key: JSON.stringify([outcome, message]), kind: outcome, failure: { message } }];
}

function kindOf({ status, reruns }: TestCase): Symptom['kind'] | undefined {
  if (status === 'failed' || status === 'error') return 'failed';
  return status === 'passed' && reruns?.length ? 'flaky' : undefined;
}

/** For every test that failed somewhere: the cells in which each case of it passed at once. */
function watchFailing(cells: readonly CellResult[]): Map<string, CellResult[]> {
  const watched = new Map<string, CellResult[]>();
  const struck = new Set<string>();
  eachCase(cells, (cell, suite, testCase) => {
    if (!kindOf(testCase)) return;
    const identity = identityOf(suite.name, testCase);
    watched.set(identity, []);
    struck.add(`${cell.id}\0${identity}`);
  });
  if (watched.size === 0) return watched;
  eachCase(cells, (cell, suite, testCase) => {
    if (testCase.status !== 'passed') return;
    const identity = identityOf(suite.name, testCase);
    const passed = watched.get(identity);
    if (passed && passed.at(-1) !== cell && !struck.has(`${cell.id}\0${identity}`)) passed.push(cell);
  });
  return watched;
}

function eachCase(
  cells: readonly CellResult[],
  visit: (cell: CellResult, suite: TestSuite, testCase: TestCase) => void,
): void {
  for (const cell of cells) {
    for (const suite of cell.suites) {
      for (const testCase of suite.cases) visit(cell, suite, testCase);
    }
  }
}

function identityOf(suite: string, { classname = '', name }: Pick<TestCase, 'classname' | 'name'>): string {
  return `${suite}\0${classname}\0${name}`;
}

function namesOf({ name: suite }: TestSuite, { classname, name, file, line }: TestCase): TestNames {
  return withoutUndefined({ suite, name, classname, file, line });
}
