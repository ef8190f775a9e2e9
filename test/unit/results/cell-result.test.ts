import { describe, expect, test } from 'vitest';
import { settleCell, unstartedCell } from '../../../src/results/cell-result.ts';
import type { Attempt } from '../../../src/results/model.ts';
import { broken, cellInfo, cut, failing, passing, suite, tested } from '../reporters/script.ts';

const frame = {
  cell: cellInfo('debian-12/node=22', 3),
  allowedToFail: false,
  files: { output: 'o' },
  notes: ['cell note'],
};
const settle = (...attempts: [Attempt, ...Attempt[]]) => settleCell(frame, attempts);
const error = { code: 'X', message: 'x' };

describe('settleCell', () => {
  test('has what the attempt found', () => {
    const one = { ...tested(1, [suite('s', passing('a'))]), notes: ['attempt note', 'cell note'] };
    const { suites, ...bare } = one;
    expect(settle(one)).toEqual({
      ...frame.cell,
      outcome: 'passed',
      allowedToFail: false,
      attempts: [bare],
      timings: one.timings,
      tests: { total: 1, passed: 1, failed: 0, error: 0, skipped: 0 },
      suites,
      notes: ['cell note', 'attempt note'],
      files: { output: 'o' },
    });
  });

  const pass = (number: number) => tested(number, [suite('s', passing('a'))]);
  const fail = (number: number) => tested(number, [suite('s', failing('a', 'no'))]);

  test.each<[string, [Attempt, ...Attempt[]], string]>([
    ['passed', [pass(1)], 'passed'],
    ['failed, then passed', [fail(1), pass(2)], 'flaky'],
    ['an error, then passed: not the software', [broken(1, 'boot', error), pass(2)], 'passed'],
    ['failed, an error, then passed', [fail(1), broken(2, 'boot', error), pass(3)], 'flaky'],
    ['failed twice', [fail(1), fail(2)], 'failed'],
    ['failed, then an error', [fail(1), broken(2, 'boot', error)], 'error'],
    ['failed, then cancelled', [fail(1), cut(2, 'run', 'Ctrl-C')], 'cancelled'],
  ])('%s', (_what, attempts, outcome) => {
    const result = settle(...attempts);
    expect(result.outcome).toBe(outcome);
    expect(result.attempts).toHaveLength(attempts.length);
    expect(result.tests.total).toBe(1);
  });

  test('sums the timings of all attempts', () => {
    expect(
      settle({ ...pass(1), timings: { boot: 5, run: 1 } }, { ...pass(2), timings: { boot: 7 } }).timings,
    ).toEqual({
      boot: 12,
      run: 1,
    });
  });

  test('the last attempt’s error and phase are the cell’s', () => {
    expect(settle(broken(1, 'boot', error), broken(2, 'connect', { code: 'Y', message: 'y' }))).toMatchObject(
      {
        phase: 'connect',
        error: { code: 'Y' },
      },
    );
    expect(settle(broken(1, 'boot', error), pass(2))).not.toHaveProperty('error');
  });

  test('keeps only what the model has', () => {
    const richer = { ...frame.cell, test: { run: 'secret' } };
    expect(settleCell({ ...frame, cell: richer }, [pass(1)])).not.toHaveProperty('test');
  });
});

describe('failures of earlier attempts', () => {
  const rerunsOf = (...attempts: [Attempt, ...Attempt[]]) =>
    settle(...attempts).suites.flatMap(({ cases }) =>
      cases.map(({ name, reruns }) => [name, reruns?.map(({ message }) => message)]),
    );

  test('stand beside the same case of the last', () => {
    const first = tested(1, [suite('s', failing('a', 'one'), failing('b', 'b1'), passing('c'))]);
    const second = tested(2, [suite('s', failing('a', 'two'), passing('b'), passing('c'))]);
    const third = tested(3, [suite('s', failing('a', 'three'), passing('b'), passing('c'))]);
    expect(rerunsOf(first, second, third)).toEqual([
      ['a', ['one', 'two']],
      ['b', ['b1']],
      ['c', undefined],
    ]);
  });

  test('the same name in another suite or class is another case', () => {
    const first = tested(1, [suite('s', failing('a', 'one', { classname: 'C' }))]);
    const last = tested(2, [
      suite('s', passing('a', { classname: 'D' })),
      suite('t', passing('a', { classname: 'C' })),
    ]);
    expect(rerunsOf(first, last)).toEqual([
      ['a', undefined],
      ['a', undefined],
    ]);
  });

  test('twins are told apart by their order', () => {
    const first = tested(1, [suite('s', passing('a'), failing('a', 'second'))]);
    const last = tested(2, [suite('s', passing('a'), passing('a'))]);
    expect(rerunsOf(first, last)).toEqual([
      ['a', undefined],
      ['a', ['second']],
    ]);
  });

  test('several failures of one attempt are one rerun', () => {
    const both = failing('a', 'one', { failures: [{ message: 'one', text: 'at 1' }, { message: 'two' }] });
    const { suites } = settle(tested(1, [suite('s', both)]), tested(2, [suite('s', passing('a'))]));
    expect(suites[0]?.cases[0]?.reruns).toEqual([{ message: 'one', text: 'at 1\n\ntwo' }]);
  });

  test('reruns within the guest are kept after them', () => {
    const last = tested(2, [suite('s', passing('a', { reruns: [{ message: 'inside' }] }))]);
    expect(rerunsOf(tested(1, [suite('s', failing('a', 'before'))]), last)).toEqual([
      ['a', ['before', 'inside']],
    ]);
  });
});

describe('unstartedCell', () => {
  test.each([
    [{ outcome: 'skipped' as const, reason: 'no engine' }, 'skipped', 'no engine'],
    [{ outcome: 'cancelled' as const, reason: 'fail-fast' }, 'skipped', 'cancelled: fail-fast'],
  ])('%j has a skipped case that says why', (why, status, skipReason) => {
    const result = unstartedCell(frame, why);
    expect(result).toMatchObject({
      outcome: why.outcome,
      attempts: [],
      timings: {},
      tests: { total: 1, skipped: 1 },
    });
    expect(result.suites[0]?.cases).toEqual([{ name: 'cell', status, skipReason }]);
  });

  test('an error is a broken case', () => {
    const result = unstartedCell(frame, { outcome: 'error', phase: 'restore', error });
    expect(result).toMatchObject({
      outcome: 'error',
      phase: 'restore',
      error,
      tests: { total: 1, error: 1 },
    });
  });
});
