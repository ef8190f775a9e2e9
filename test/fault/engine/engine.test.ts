/**
 * The engine goes wrong at a few places of a cell, in every way; the whole campaign is `campaign.ts`. `VMTEST_FAULT_SEED` has
 * other places, or those of an earlier campaign.
 */
import { expect, onTestFinished, test } from 'vitest';
import { attack } from './attack.ts';
import { createBed } from './bed.ts';
import { FAULTS, type Fault } from './faults.ts';

const seed = process.env['VMTEST_FAULT_SEED'] ?? 'the usual';

/** Half a minute on two cores that have nothing else to do. */
const SLOW_HOST_MS = 600_000;

test('whatever QEMU answers, a cell ends, with the truth or an error to act on, and nothing is left', {
  timeout: SLOW_HOST_MS,
}, async () => {
  const bed = await createBed('qemu');
  onTestFinished(() => bed.end());
  const wrong: string[] = [];
  const had = new Set<Fault>();
  const done = await attack(bed, {
    seed,
    starts: ['warm'],
    // The first of each fault.
    wanted: ({ trouble: { fault } }) => !had.has(fault) && had.add(fault).has(fault),
    atOnce: 3,
    onWrong: (words) => wrong.push(words),
  });
  expect(wrong).toEqual([]);
  expect(done.filter(({ result }) => result.struck)).toHaveLength(FAULTS.length);
});
