import { describe, expect, test, vi } from 'vitest';
import { Commands } from '../../../../drivers/vm/commands.ts';
import { linkSignal, sleep } from '../../../../src/host/deadline.ts';
import { passTime, timeTaken, useFakeTime } from '../../../support/fake-time.ts';
import { never } from '../../../support/vm-cells.ts';
import { busy, MemoryEngine } from '../../../support/vm-control.ts';

vi.mock('node:timers/promises', () => import('../../../support/fake-delay.ts'));
useFakeTime();

function commandsWith(commandsAtOnce = 4): Commands {
  return new Commands(new MemoryEngine().control({ commandsAtOnce }));
}

/** Busy so many times, then it works; notes when it was asked. */
function busyFor(times: number) {
  const asked: number[] = [];
  const start = performance.now();
  const verb = async () => {
    asked.push(performance.now() - start);
    if (asked.length <= times) throw busy();
    return 'done';
  };
  return { verb, asked };
}

describe('a busy engine', () => {
  test('is asked again, with growing pauses', async () => {
    const { verb, asked } = busyFor(7);
    const work = commandsWith().run(never, verb);
    await passTime(work);
    expect(await work).toBe('done');
    expect(asked).toEqual([0, 100, 300, 700, 1500, 3100, 5100, 7100]);
  });

  test('is given up after a minute, with its own error', async () => {
    const { verb, asked } = busyFor(Number.POSITIVE_INFINITY);
    const work = commandsWith().run(never, verb);
    const taken = await timeTaken(work);
    await expect(work).rejects.toMatchObject({ code: 'MEMORY_BUSY' });
    expect(taken).toBeGreaterThan(60_000);
    expect(taken).toBeLessThanOrEqual(62_000);
    expect(asked.at(-1)).toBe(taken);
  });

  test('is left alone as soon as the signal aborts, also in a pause', async () => {
    const abort = new AbortController();
    const { verb, asked } = busyFor(Number.POSITIVE_INFINITY);
    const work = commandsWith().run(abort.signal, verb);
    setTimeout(() => abort.abort(new Error('interrupted')), 350);
    expect(await timeTaken(work)).toBe(350);
    await expect(work).rejects.toThrow('interrupted');
    expect(asked).toEqual([0, 100, 300]);
  });

  test('lets others have their turn in the pauses', async () => {
    const commands = commandsWith(1);
    const { verb } = busyFor(2);
    const order: string[] = [];
    const work = Promise.all([
      commands.run(never, verb).then(() => order.push('the busy one')),
      commands.run(never, async () => order.push('the other one')),
    ]);
    await passTime(work);
    expect(order).toEqual(['the other one', 'the busy one']);
  });
});

test('other failures are not tried again', async () => {
  const verb = vi.fn(async () => {
    throw new Error('broken');
  });
  await expect(commandsWith().run(never, verb)).rejects.toThrow('broken');
  expect(verb).toHaveBeenCalledTimes(1);
});

test('an abort is a better reason than what a command dies of', async () => {
  const abort = new AbortController();
  const verb = async () => {
    abort.abort(new Error('interrupted'));
    throw new Error('killed by SIGTERM');
  };
  await expect(commandsWith().run(abort.signal, verb)).rejects.toThrow('interrupted');
});

test('no more commands run at a time than the engine stands, and one that was aborted in the queue never starts', async () => {
  const commands = commandsWith(2);
  const abort = new AbortController();
  let running = 0;
  let most = 0;
  const verb = async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(10);
    running -= 1;
  };
  const never_ = vi.fn(verb);
  const works = [1, 2, 3, 4].map(() => commands.run(never, verb));
  const late = commands.run(abort.signal, never_);
  abort.abort(new Error('interrupted'));
  await passTime(Promise.allSettled([...works, late]));
  expect(most).toBe(2);
  await expect(late).rejects.toThrow('interrupted');
  expect(never_).not.toHaveBeenCalled();
});

describe('what a deadline says that ends a verb', () => {
  const within = (ms: number, what: string) => linkSignal(never, { ms, what }).signal;

  test('in the queue: it waited for its turn, and does not wait on', async () => {
    const commands = commandsWith(1);
    const hanging = commands.run(never, () => sleep(60_000));
    const work = commands.run(within(2_000, 'phase restore'), async () => {});
    expect(await timeTaken(work)).toBe(2_000);
    await expect(work).rejects.toMatchObject({
      message:
        'phase restore took longer than 2 s; it waited for its turn with a command (memory is given 1 at a time)',
    });
    await passTime(hanging);
  });

  test('between two tries: what the engine was busy with', async () => {
    const { verb } = busyFor(Number.POSITIVE_INFINITY);
    const work = commandsWith().run(within(2_000, 'phase restore'), verb);
    expect(await timeTaken(work)).toBe(2_000);
    await expect(work).rejects.toMatchObject({
      message:
        'phase restore took longer than 2 s; it waited for memory, which was busy (another session holds the VM)',
    });
  });

  test('of one that works: nothing of the queue', async () => {
    const signal = within(2_000, 'phase restore');
    const work = commandsWith().run(signal, () => sleep(60_000, signal));
    expect(await timeTaken(work)).toBe(2_000);
    await expect(work).rejects.toMatchObject({ message: 'phase restore took longer than 2 s' });
  });
});

describe('at last', () => {
  test('a verb is tried through a busy time', async () => {
    const { verb } = busyFor(3);
    const work = commandsWith().atLast(5_000, 'removing it', verb);
    await passTime(work);
    expect(await work).toBe('done');
  });

  test('a verb that hangs is told to stop, and named', async () => {
    const work = commandsWith().atLast(5_000, 'removing it', (signal) => sleep(3_600_000, signal));
    expect(await timeTaken(work)).toBe(5_000);
    await expect(work).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'removing it took longer than 5 s',
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});
