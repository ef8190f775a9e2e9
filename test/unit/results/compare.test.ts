import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, hasChanges, SLOWER } from '../../../src/results/compare.ts';
import type { ComparedTest, Comparison, SlowerCell } from '../../../src/results/comparison.ts';
import type { RunResult, TestCase, TestSuite } from '../../../src/results/model.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  runStory,
  type ScriptedCell,
  suite,
  tested,
} from '../reporters/script.ts';

const runOf = (...cells: ScriptedCell[]): RunResult => runStory(cells).result;
const cell = (id: string, ...suites: TestSuite[]): ScriptedCell =>
  cellStory(cellInfo(id), [tested(1, suites)]);
const skipped = (name: string): TestCase => ({ name, status: 'skipped' });
const flaky = (name: string): TestCase => passing(name, { reruns: [{ message: 'once' }] });

/** What is in the lists, as text: `newlyFailing s > name in a, b`. */
function told({ cells, tests }: Comparison): string[] {
  const cellLists: [string, (string | SlowerCell)[]][] = Object.entries(cells);
  const testLists: [string, ComparedTest[]][] = Object.entries(tests);
  return [
    ...cellLists.flatMap(([change, list]) => list.map((one) => `${change} cell ${JSON.stringify(one)}`)),
    ...testLists.flatMap(([change, list]) =>
      list.map(
        ({ suite: name, name: title, cells: ids }) => `${change} ${name} > ${title} in ${ids.join(', ')}`,
      ),
    ),
  ];
}

describe('a test', () => {
  const cases: [string, TestCase | undefined, TestCase | undefined, string | undefined][] = [
    ['passed twice', passing('t'), passing('t'), undefined],
    ['passed, fails', passing('t'), failing('t', 'no'), 'newlyFailing'],
    ['was skipped, fails', skipped('t'), failing('t', 'no'), 'newlyFailing'],
    ['is new and fails', undefined, failing('t', 'no'), 'newlyFailing'],
    ['failed, passes', failing('t', 'no'), passing('t'), 'fixed'],
    ['failed, passes late', failing('t', 'no'), flaky('t'), 'flaky'],
    ['failed, is skipped', failing('t', 'no'), skipped('t'), 'notRun'],
    ['passed, is skipped', passing('t'), skipped('t'), 'notRun'],
    ['was skipped, is skipped', skipped('t'), skipped('t'), undefined],
    ['was skipped, passes', skipped('t'), passing('t'), undefined],
    ['fails in other words', failing('t', 'no'), failing('t', 'never'), 'stillFailing'],
    ['passed, passes late', passing('t'), flaky('t'), 'flaky'],
    ['was flaky, is flaky', flaky('t'), flaky('t'), undefined],
    ['was flaky, passes', flaky('t'), passing('t'), undefined],
    ['is new', undefined, passing('t'), 'added'],
    ['is gone', passing('t'), undefined, 'removed'],
    ['failed and is gone', failing('t', 'no'), undefined, 'removed'],
  ];
  test.each(cases)('that %s', (_what, before, after, change) => {
    const runWith = (one: TestCase | undefined) =>
      runOf(cell('a', suite('s', passing('x'), ...(one ? [one] : []))));
    const { tests } = compare(runWith(before), runWith(after));
    const lists = Object.entries(tests).filter(([, list]) => list.length > 0);
    expect(lists).toEqual(change === undefined ? [] : [[change, [{ suite: 's', name: 't', cells: ['a'] }]]]);
  });

  test('of several cells is told once, the most widespread first', () => {
    const before = runOf(...['a', 'b', 'c'].map((id) => cell(id, suite('s', passing('t'), passing('u')))));
    const after = runOf(
      cell('a', suite('s', passing('t'), failing('u', 'no'))),
      cell('b', suite('s', failing('t', 'no'), passing('u'))),
      cell('c', suite('s', failing('t', 'no'), passing('u'))),
    );
    expect(compare(before, after).tests.newlyFailing).toEqual([
      { suite: 's', name: 't', cells: ['b', 'c'] },
      { suite: 's', name: 'u', cells: ['a'] },
    ]);
  });

  test('is told from its namesakes by class, suite and place', () => {
    const before = runOf(cell('a', suite('s', passing('t'), passing('t'), passing('t', { classname: 'C' }))));
    const after = runOf(
      cell('a', suite('s', passing('t'), failing('t', 'no'), passing('t', { classname: 'C' }))),
    );
    expect(told(compare(before, after))).toEqual(['newlyFailing cell "a"', 'newlyFailing s > t in a']);
  });

  test.each([
    [10_000, 10_000 * SLOWER.factor, true],
    [10_000, 10_000 * SLOWER.factor - 1, false],
    [100, 100 + SLOWER.test, true],
    [100, 99 + SLOWER.test, false],
    [10_000, 5, false],
  ])('that took %d ms and takes %d ms is slower: %s', (before, after, expected) => {
    const runWith = (duration: number) => runOf(cell('a', suite('s', passing('t', { duration }))));
    expect(compare(runWith(before), runWith(after)).tests.slower).toEqual(
      expected ? [{ suite: 's', name: 't', cells: ['a'], before, after }] : [],
    );
  });

  test('that is slower in several cells has the times of the worst', () => {
    const runWith = (a: number, b: number) =>
      runOf(
        cell('a', suite('s', passing('t', { duration: a }))),
        cell('b', suite('s', passing('t', { duration: b }))),
      );
    expect(compare(runWith(100, 200), runWith(5_000, 9_000)).tests.slower).toEqual([
      { suite: 's', name: 't', cells: ['a', 'b'], before: 200, after: 9_000 },
    ]);
  });
});

describe('a cell', () => {
  const good = cell('a', suite('s', passing('t'), passing('u')));
  const error = cellStory(cellInfo('a'), [broken(1, 'boot', { code: 'X', message: 'x' })]);
  const cancelled = idleCell(cellInfo('a'), { outcome: 'cancelled', reason: 'Ctrl-C' });

  test('that could not be run fails, and is no witness for its tests', () => {
    expect(told(compare(runOf(good), runOf(error)))).toEqual(['newlyFailing cell "a"']);
    expect(told(compare(runOf(error), runOf(good)))).toEqual(['fixed cell "a"']);
    expect(told(compare(runOf(error), runOf(error)))).toEqual(['stillFailing cell "a"']);
    expect(told(compare(runOf(good), runOf(cancelled)))).toEqual(['notRun cell "a"']);
  });

  test('that is new or gone is told as a whole', () => {
    const both = runOf(good, cell('b', suite('s', passing('t'))));
    expect(told(compare(runOf(good), both))).toEqual(['added cell "b"']);
    expect(told(compare(both, runOf(good)))).toEqual(['removed cell "b"']);
  });

  test('whose command failed beside its results, and no longer does', () => {
    const command = suite('command', failing('./test.sh', 'exit code 3'));
    const before = cell('a', suite('s', passing('t')), command);
    const after = cell('a', suite('s', passing('t')));
    expect(told(compare(runOf(before), runOf(after)))).toEqual([
      'fixed cell "a"',
      'fixed command > ./test.sh in a',
    ]);
  });

  test('whose command takes much longer', () => {
    const slow = structuredClone(good);
    slow.result.timings.run = 30_000;
    expect(compare(runOf(good), runOf(slow)).cells.slower).toEqual([
      { cell: 'a', before: 11_000, after: 30_000 },
    ]);
  });
});

test('names the baseline', () => {
  const { run } = runOf();
  expect(compare(runOf(), runOf()).baseline).toEqual({
    id: run.id,
    started: run.started,
    matrix: run.matrix,
  });
});

describe('of any two runs', () => {
  const names = fc.constantFrom('t', 'u', '__proto__', 'constructor');
  const testCase = fc.oneof(
    fc
      .record({ name: names, duration: fc.nat(20_000) })
      .map(({ name, duration }) => passing(name, { duration })),
    names.map((name) => failing(name, 'no')),
    names.map(skipped),
    names.map(flaky),
  );
  const suites = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('s', 'r', 'vmtest', 'command'),
      cases: fc.array(testCase, { maxLength: 4 }),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  );
  const fate = fc.oneof(
    { weight: 4, arbitrary: suites.map((made) => (id: string) => cell(id, ...made)) },
    fc.constant((id: string) => cellStory(cellInfo(id), [broken(1, 'boot', { code: 'X', message: 'x' })])),
    fc.constant((id: string) => idleCell(cellInfo(id), { outcome: 'cancelled', reason: 'x' })),
  );
  const run = fc
    .dictionary(fc.constantFrom('a', 'b', 'c'), fate)
    .map((cells) => runOf(...Object.entries(cells).map(([id, make]) => make(id))));

  test('a run differs in nothing from itself', () => {
    fc.assert(
      fc.property(run, (one) => {
        const comparison = compare(one, structuredClone(one));
        expect({ told: told(comparison).filter((line) => !line.startsWith('stillFailing')) }).toEqual({
          told: [],
        });
        expect(hasChanges(comparison)).toBe(false);
      }),
    );
  });

  test('everything is told once at most, and what is told is there', () => {
    fc.assert(
      fc.property(run, run, (before, after) => {
        const { cells, tests } = compare(before, after);
        const ids = Object.values(cells)
          .flat()
          .map((one) => (typeof one === 'string' ? one : one.cell));
        expect(new Set(ids).size).toBe(ids.length);
        const known = new Set([...before.cells, ...after.cells].map(({ id }) => id));
        for (const one of Object.values(tests).flat()) {
          expect(one.cells.length).toBeGreaterThan(0);
          for (const id of one.cells) expect(known).toContain(id);
        }
      }),
    );
  });

  test('what is fixed one way is broken the other way', () => {
    fc.assert(
      fc.property(run, run, (before, after) => {
        const there = compare(before, after);
        const back = compare(after, before);
        const keys = (list: Comparison['tests']['fixed']) =>
          list.flatMap(({ suite: name, name: title, cells }) => cells.map((id) => `${name}/${title}/${id}`));
        expect(keys(back.tests.newlyFailing)).toEqual(expect.arrayContaining(keys(there.tests.fixed)));
        expect(back.cells.newlyFailing).toEqual(expect.arrayContaining(there.cells.fixed));
        expect(back.cells.removed.toSorted()).toEqual(
          [...new Set(after.cells.map(({ id }) => id))]
            .filter((id) => !before.cells.some((one) => one.id === id))
            .toSorted(),
        );
      }),
    );
  });
});
