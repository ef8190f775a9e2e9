/**
 * Guests that misbehave in ways of the table, once each; by which way in, the seed chooses. All ways by all ways in, and what
 * takes long, are `campaign.ts`.
 */
import { expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { runFaults } from './run-faults.ts';
import { targetsOf } from './targets.ts';

const seed = process.env['VMTEST_FAULT_SEED'] ?? 'the usual';

/** Examples of channels and unpacking prove as much; there is no time for them here too. */
const PROVED_BELOW: ReadonlySet<string> = new Set([
  ...['exits with 126', 'exits with 127', 'exits with 137', 'kills itself', 'closes its outputs'],
  ...['kills the listener of sshd', 'sets its clock back', 'removes its results'],
  ...['has a find that gives garbage', 'sends links', 'sends paths that lead out', 'sends devices'],
]);

/** A minute on two cores that have nothing else to do. */
const SLOW_HOST_MS = 900_000;

test('a guest that misbehaves: the verdict is no better than the truth, the reports are whole, nothing is left', {
  timeout: SLOW_HOST_MS,
}, async () => {
  const faults = Object.fromEntries(Object.entries(FAULTS).filter(([name]) => !PROVED_BELOW.has(name)));
  const targets = await targetsOf(['agent', 'ssh', 'console']);
  const { wrong, result } = await runFaults({ faults, targets, seed });
  expect(wrong).toEqual([]);
  expect(result.cells).toHaveLength(Object.keys(FAULTS).length - PROVED_BELOW.size);
});
