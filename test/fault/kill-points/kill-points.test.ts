/**
 * Runs are killed at a few points of their course, in every way; the whole campaign is `campaign.ts`. `VMTEST_FAULT_SEED`
 * has other points, or those of an earlier campaign again.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { attack } from './attack.ts';
import { createBed } from './bed.ts';
import { WAYS } from './points.ts';

const seed = process.env['VMTEST_FAULT_SEED'] ?? 'the usual';

/** A minute and a half on two cores that have nothing else to do. */
const SLOW_HOST_MS = 900_000;

/**
 * Which ways, on QEMU with the making of the clean state now and then: it takes seconds there. On v86 that takes too long for
 * here, and so do all the ways.
 */
describe.each([
  ['qemu', WAYS, 0.2],
  ['v86', WAYS.slice(0, 1), 0],
])('on %s', (engine, ways, coldShare) => {
  test('a run that is killed leaves nothing, touches nobody, and lies about nothing', {
    timeout: SLOW_HOST_MS,
  }, async () => {
    const bed = await createBed(engine);
    onTestFinished(() => bed.end());
    const wrong: string[] = [];
    const done = await attack(bed, {
      ...{ seed, points: 1, coldShare, ways },
      onWrong: (words) => wrong.push(words),
    });
    expect(wrong).toEqual([]);
    expect(done).toHaveLength(ways.length);
  });
});
