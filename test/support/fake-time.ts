/**
 * Time that passes only when a test says so. Fake timers leave `node:timers/promises` and `AbortSignal.timeout` alone; a
 * test file replaces the former with `vi.mock('node:timers/promises', () => import('…/fake-delay.ts'))`.
 */
import { afterEach, beforeEach, vi } from 'vitest';

const turn = setImmediate;

/** For all tests of the file. */
export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException('the time is over', 'TimeoutError')), ms);
      return controller.signal;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

/** Milliseconds that had to pass until the work settled. */
export async function timeTaken(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await passTime(work);
  return performance.now() - start;
}

/** Lets time pass until the work has settled, whichever way; throws when an hour is not enough. */
export async function passTime(work: Promise<unknown>): Promise<void> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  work.then(note, note);
  const end = performance.now() + 3_600_000;
  for (;;) {
    // Time stands still while there is something to do that needs none.
    for (let turns = 0; turns < 5 && !settled; turns += 1) await new Promise((resolve) => turn(resolve));
    if (settled) return;
    if (performance.now() > end) throw new Error('it did not settle within an hour');
    await vi.advanceTimersToNextTimerAsync();
  }
}
