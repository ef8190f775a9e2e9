import { describe, expect, test } from 'vitest';
import type { CellResult, Outcome } from '../../../src/results/model.ts';
import { finishRun } from '../../../src/results/summary.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  RUN,
  suite,
  tested,
} from '../reporters/script.ts';

function cell(outcome: Outcome, allowedToFail = false): CellResult {
  return {
    ...cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])], { allowedToFail }).result,
    outcome,
  };
}

const finish = (cells: CellResult[], interrupted = false) =>
  finishRun(RUN, cells, { finished: '2026-11-21T09:32:14.000Z', interrupted });

describe('outcome and exit code', () => {
  test.each<[string, CellResult[], Outcome, number]>([
    ['all passed', [cell('passed'), cell('passed')], 'passed', 0],
    ['one flaky', [cell('passed'), cell('flaky')], 'flaky', 0],
    ['some skipped', [cell('passed'), cell('skipped')], 'passed', 0],
    ['one failed', [cell('passed'), cell('failed')], 'failed', 1],
    ['one failed, one error', [cell('error'), cell('failed')], 'failed', 1],
    ['one error', [cell('passed'), cell('error')], 'error', 3],
    ['one cancelled by the caller', [cell('passed'), cell('cancelled')], 'cancelled', 3],
    ['fail-fast after an error', [cell('error'), cell('cancelled')], 'error', 3],
    ['fail-fast after a failure', [cell('failed'), cell('cancelled')], 'failed', 1],
    ['allowed to fail', [cell('passed'), cell('failed', true), cell('error', true)], 'passed', 0],
    ['all allowed to fail, and did', [cell('failed', true)], 'passed', 0],
    ['a failure beside one that is allowed', [cell('failed', true), cell('error')], 'error', 3],
    ['all skipped: nothing was tested', [cell('skipped'), cell('skipped')], 'skipped', 3],
    ['no cells', [], 'skipped', 4],
  ])('%s', (_what, cells, outcome, exitCode) => {
    expect(finish(cells).run).toMatchObject({ outcome, exitCode });
  });

  test('an interrupt decides over everything', () => {
    expect(finish([cell('passed')], true).run).toMatchObject({ outcome: 'cancelled', exitCode: 130 });
    expect(finish([cell('failed')], true).run).toMatchObject({ outcome: 'cancelled', exitCode: 130 });
  });
});

test('counts: each cell once, and the tests of all', () => {
  const cells = [
    cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'), failing('f', 'no'))])]),
    cellStory(cellInfo('b'), [
      tested(1, [suite('s', failing('p', 'no'))]),
      tested(2, [suite('s', passing('p'))]),
    ]),
    cellStory(cellInfo('c'), [broken(1, 'boot', { code: 'X', message: 'x' })]),
    idleCell(cellInfo('d'), { outcome: 'cancelled', reason: 'fail-fast' }),
  ].map(({ result }) => result);
  expect(finish(cells).summary).toEqual({
    cells: { total: 4, passed: 0, failed: 1, error: 1, skipped: 0, cancelled: 1, flaky: 1 },
    tests: { total: 5, passed: 2, failed: 1, error: 1, skipped: 1 },
  });
});
