import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { sleep } from '../../../src/host/deadline.ts';
import { unlessSilent } from '../../../src/run/silence.ts';
import { timeTaken, useFakeTime } from '../../support/fake-time.ts';

vi.mock('node:timers/promises', () => import('../../support/fake-delay.ts'));
useFakeTime();

const forever = new AbortController().signal;

test('counts from what was heard last', async () => {
  const work = unlessSilent(forever, 1_000, async (signal, heard) => {
    for (const ms of [900, 999, 10]) {
      await sleep(ms, signal);
      heard();
    }
    await sleep(60_000, signal);
  });
  expect(await timeTaken(work)).toBe(900 + 999 + 10 + 1_000);
  await expect(work).rejects.toMatchObject({
    code: 'SILENT',
    message: 'the command printed nothing for 1.0 s',
  });
  expect(getEventListeners(forever, 'abort')).toEqual([]);
});

test('work that ends in time, or is never too silent, ends as it does', async () => {
  const answer = async () => 42;
  expect(await unlessSilent(forever, 1_000, answer)).toBe(42);
  const silent = unlessSilent(forever, undefined, (signal) => sleep(3_000_000, signal));
  expect(await timeTaken(silent)).toBe(3_000_000);
  await expect(unlessSilent(forever, 1_000, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  expect(vi.getTimerCount()).toBe(0);
});

test('who aborts it from outside is the reason', async () => {
  const parent = AbortSignal.abort(new Error('Ctrl-C'));
  await expect(unlessSilent(parent, 1_000, (signal) => sleep(60_000, signal))).rejects.toThrow('Ctrl-C');
});
