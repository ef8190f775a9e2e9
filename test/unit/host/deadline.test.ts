import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { abortable } from '../../../src/host/abortable.ts';
import { linkSignal, sleep, withDeadline } from '../../../src/host/deadline.ts';

const forever = new AbortController().signal;

test('passes a result through, and leaves no listener behind', async () => {
  const parent = new AbortController().signal;
  expect(await withDeadline(parent, 10_000, 'work', async () => 42)).toBe(42);
  await expect(withDeadline(parent, 10_000, 'work', () => Promise.reject(new Error('own')))).rejects.toThrow(
    'own',
  );
  expect(getEventListeners(parent, 'abort')).toEqual([]);
});

test('names what took too long', async () => {
  await expect(
    withDeadline(forever, 20, 'phase boot', (signal) => sleep(60_000, signal)),
  ).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: 'phase boot took longer than 0.0 s',
    retryable: true,
  });
});

test('lets the first reason win over what the work dies of', async () => {
  const abort = new AbortController();
  const work = withDeadline(abort.signal, 10_000, 'work', (signal) =>
    sleep(60_000, signal).catch(() => {
      throw new Error('socket closed');
    }),
  );
  abort.abort(new Error('interrupted'));
  await expect(work).rejects.toThrow('interrupted');
});

test('waits for work that tidies up, but not for ever', async () => {
  let tidied = false;
  const tidy = withDeadline(forever, 10, 'work', async (signal) => {
    await sleep(60_000, signal).catch(() => {});
    await sleep(30);
    tidied = true;
    throw signal.reason;
  });
  await expect(tidy).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(tidied).toBe(true);
  await expect(
    withDeadline(forever, 10, 'work', () => new Promise(() => {}), { deadline: 10 }),
  ).rejects.toMatchObject({
    code: 'TIMEOUT',
  });
});

test('does not count the time in which it is held', async () => {
  const held = withDeadline(forever, 50, 'work', async (signal, hold) => {
    const letGo = hold();
    await sleep(200);
    letGo();
    signal.throwIfAborted();
    return 'whole';
  });
  await expect(held).resolves.toBe('whole');
});

test('goes on counting where it was held', async () => {
  const late = withDeadline(forever, 50, 'work', async (signal, hold) => {
    hold()();
    await sleep(60_000, signal);
  });
  await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('ends with its parent while it is held', async () => {
  const abort = new AbortController();
  const held = withDeadline(abort.signal, 10_000, 'work', async (signal, hold) => {
    hold();
    await sleep(60_000, signal);
  });
  abort.abort(new Error('interrupted'));
  await expect(held).rejects.toThrow('interrupted');
});

test('does not start under a signal that has aborted', async () => {
  let started = false;
  const work = withDeadline(AbortSignal.abort(new Error('over')), 10_000, 'work', async () => {
    started = true;
  });
  await expect(work).rejects.toThrow('over');
  expect(started).toBe(false);
});

test('a linked signal follows its parent until it is unlinked', () => {
  const parent = new AbortController();
  const first = linkSignal(parent.signal);
  const second = linkSignal(parent.signal);
  second.unlink();
  parent.abort(new Error('over'));
  expect(first.signal.reason).toEqual(new Error('over'));
  expect(second.signal.aborted).toBe(false);
});

test.each([
  ['sleep', (signal: AbortSignal) => sleep(60_000, signal)],
  ['abortable', (signal: AbortSignal) => abortable(new Promise(() => {}), signal)],
])('many may wait under one signal: %s', async (_how, wait) => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const controller = new AbortController();
  const waits = Array.from({ length: 20 }, () => wait(controller.signal));
  controller.abort(new Error('enough'));
  expect((await Promise.allSettled(waits)).every(({ status }) => status === 'rejected')).toBe(true);
  // A warning comes with the next turn.
  await sleep(1);
  process.off('warning', note);
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
