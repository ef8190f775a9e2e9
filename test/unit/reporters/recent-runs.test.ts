import { expect, test } from 'vitest';
import { recentInWords, unsteadyInWords } from '../../../reporters/text/recent-runs.ts';

const recent = (more: object) => ({
  recent: { runs: 20, passed: 0, flaky: 0, failed: 0, error: 0, ...more },
});

test.each([
  [
    'that went either way',
    recent({ passed: 14, failed: 4, error: 2 }),
    'unsteady: of 20 runs before 14 passed, 4 failed, 2 with errors',
  ],
  ['that needed retries', recent({ passed: 19, flaky: 1 }), 'unsteady: of 20 runs before 19 passed, 1 flaky'],
  ['that always passed', recent({ passed: 20 }), undefined],
  ['that is broken for long', recent({ failed: 15, error: 5 }), undefined],
  ['that nobody knows', {}, undefined],
])('of a cell %s', (_what, cell, words) => {
  expect(unsteadyInWords(cell)).toBe(words);
});

test.each([
  [{ runs: 20, failed: 3, flaky: 0 }, 'failed in 3 of the 20 runs before'],
  [{ runs: 20, failed: 3, flaky: 1 }, 'failed in 3 of the 20 runs before, flaky in 1'],
  [{ runs: 1, failed: 0, flaky: 1 }, 'flaky in 1 of the 1 run before'],
  [{ runs: 20, failed: 0, flaky: 0 }, ''],
  [undefined, ''],
])('a test of %j', (recent, words) => {
  expect(recentInWords(recent)).toBe(words);
});

test('of several cells all runs are counted, and it is said', () => {
  const recent = { runs: 20, failed: 20, flaky: 0 };
  expect(recentInWords(recent, 10)).toBe('failed in 20 of the 20 runs of these cells before');
});
