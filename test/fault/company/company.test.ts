/** Three runs at once; ten of them, on three engines, are the campaign's. */
import { expect, onTestFinished, test } from 'vitest';
import { crowd } from './crowd.ts';
import { SHARED } from './targets.ts';

test('the clean state of QEMU is made once, and once more when its maker is killed; the others go on', async () => {
  const shared = await SHARED['qemu']?.();
  if (!shared) throw new Error('there is no qemu');
  onTestFinished(() => shared.end());
  const { wrong } = await crowd(shared, { runs: 3, killed: true });
  expect(wrong).toEqual([]);
});
