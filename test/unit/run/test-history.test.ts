import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CellResult, Outcome, TestCase } from '../../../src/results/model.ts';
import { isTestHistory, type TestHistory, withRecentTests, withRun } from '../../../src/run/test-history.ts';

type Mark = 'passed' | 'failed' | 'flaky' | 'absent';

const caseOf = (name: string, mark: Mark): TestCase[] => {
  if (mark === 'absent') return [];
  if (mark === 'failed') return [{ name, status: 'failed', failures: [{ message: 'no' }] }];
  return [{ name, status: 'passed', ...(mark === 'flaky' ? { reruns: [{ message: 'once' }] } : {}) }];
};
const cellOf = (cases: TestCase[], outcome: Outcome = 'failed') =>
  ({ id: 'a', outcome, suites: [{ name: 's', cases }] }) as unknown as CellResult;
const recentOf = (history: TestHistory | undefined, name: string) =>
  withRecentTests(cellOf(caseOf(name, 'failed')), history).suites[0]?.cases[0]?.recent;

test('counts failures and flakiness of the last twenty runs, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<Mark>('passed', 'failed', 'flaky', 'absent'), { maxLength: 50 }),
      (marks) => {
        // As it would lie in the file.
        const history = marks.reduce<TestHistory | undefined>(
          (before, mark) => JSON.parse(JSON.stringify(withRun(before, cellOf(caseOf('t', mark))))),
          undefined,
        );
        const last = marks.slice(-20);
        const count = (wanted: Mark) => last.filter((mark) => mark === wanted).length;
        const expected = { runs: last.length, failed: count('failed'), flaky: count('flaky') };
        expect(recentOf(history, 't')).toEqual(expected.failed + expected.flaky > 0 ? expected : undefined);
      },
    ),
  );
});

test('runs that gave no answer do not count', () => {
  const first = withRun(undefined, cellOf(caseOf('t', 'failed')));
  for (const outcome of ['error', 'cancelled', 'skipped'] as const) {
    expect(withRun(first, cellOf(caseOf('t', 'failed'), outcome))).toEqual(first);
  }
});

test('of several tests of one name each has a history of its own', () => {
  const twins = [...caseOf('t', 'passed'), ...caseOf('t', 'failed')];
  const history = withRun(undefined, cellOf(twins));
  const both = withRecentTests(cellOf([...caseOf('t', 'failed'), ...caseOf('t', 'failed')]), history);
  expect(both.suites[0]?.cases.map(({ recent }) => recent?.failed)).toEqual([undefined, 1]);
});

test('two hundred tests of a cell are remembered, those known before first', () => {
  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => caseOf(`t${from + at}`, 'failed')).flat();
  const known = withRun(undefined, cellOf(many(900, 1_000)));
  const { tests } = withRun(known, cellOf(many(0, 1_000)));
  expect(Object.keys(tests)).toHaveLength(200);
  const told = withRecentTests(cellOf(many(0, 1_000)), { runs: 2, tests }).suites[0]?.cases ?? [];
  expect(told.slice(900).every(({ recent }) => recent?.failed === 2)).toBe(true);
});

test('names of any length take a few bytes', () => {
  const history = withRun(undefined, cellOf(caseOf('x'.repeat(100_000), 'failed')));
  expect(JSON.stringify(history).length).toBeLessThan(100);
});

test('only what this program writes is a history, and that does no harm whatever it holds', () => {
  const cell = cellOf(caseOf('t', 'failed'));
  const known = withRun(undefined, cell);
  const [key = ''] = Object.keys(known.tests);
  expect(isTestHistory(known)).toBe(true);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (runs, bits) => {
      for (const found of [bits, { runs, tests: bits }, { runs: 3, tests: { [key]: bits } }] as unknown[]) {
        if (!isTestHistory(found)) continue;
        const { recent } = withRecentTests(cell, found).suites[0]?.cases[0] ?? {};
        if (recent) expect(recent.failed + recent.flaky).toBeLessThanOrEqual(40);
        expect(withRun(found, cell).tests[key]?.[0]).toBeGreaterThan(0);
      }
    }),
  );
});
