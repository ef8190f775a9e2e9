import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Machine } from '../../../drivers/driver.ts';
import { connectionLost } from '../../../src/guest/lost.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import { whileAlive, whileUp } from '../../../src/run/while-alive.ts';

const never = new AbortController().signal;

function stage() {
  let die: (why: string) => void = () => {};
  let restart = () => {};
  const machine = {
    died: new Promise<string>((resolve) => {
      die = resolve;
    }),
    onRestart: (listener: () => void) => {
      restart = listener;
    },
  } as unknown as Machine;
  return { machine, die: (why: string) => die(why), restart: () => restart() };
}

/** Work that goes on until it is told to stop. */
const endless = (signal: AbortSignal) => delay(60_000, undefined, { signal });

test('a machine that ends is the error of the work with it', async () => {
  const { machine, die } = stage();
  const work = whileAlive(machine, never, endless);
  die('the guest powered off');
  await expect(work).rejects.toMatchObject({
    code: 'MACHINE_DIED',
    message: 'the machine ended by itself: the guest powered off',
    retryable: true,
  });
});

test('a connection that is lost just before its machine is known to have ended: why it ended', async () => {
  const { machine, die } = stage();
  const work = whileAlive(machine, never, async () => {
    setTimeout(() => die("the guest's kernel panicked"), 20);
    throw connectionLost('the other side closed it');
  });
  await expect(work).rejects.toMatchObject({
    code: 'MACHINE_DIED',
    message: expect.stringContaining('panicked'),
  });
});

test('a connection that is lost while its machine lives on is what it is', async () => {
  const { machine } = stage();
  const work = whileAlive(machine, never, async () => {
    throw connectionLost('the other side closed it');
  });
  await expect(work).rejects.toMatchObject({ code: 'GUEST_CONNECTION_LOST' });
});

test('what no other machine would mend is thrown at once', async () => {
  const { machine, die } = stage();
  const work = whileAlive(machine, never, async () => {
    setTimeout(() => die('too late'), 20);
    throw new VmtestError('GLOB_UNSUPPORTED', 'a glob');
  });
  await expect(work).rejects.toMatchObject({ code: 'GLOB_UNSUPPORTED' });
});

test('a guest that restarts is lost once it is up, and not before', async () => {
  const { machine, restart } = stage();
  const work = whileAlive(machine, never, async (alive) => {
    restart();
    return whileUp(machine, alive, endless);
  });
  await delay(20);
  restart();
  await expect(work).rejects.toMatchObject({
    code: 'MACHINE_DIED',
    message: 'the guest restarted by itself',
  });
});
