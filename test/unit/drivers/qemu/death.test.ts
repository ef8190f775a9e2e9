import { describe, expect, test } from 'vitest';
import { watchForDeath } from '../../../../drivers/qemu/death.ts';
import type { QemuProcess } from '../../../../drivers/qemu/process.ts';
import type { QmpEvent } from '../../../../drivers/qemu/qmp.ts';

/** A process that only tells events and ends on demand; its status is what the test says. */
function stage(status = 'paused') {
  const listeners: ((event: QmpEvent) => void)[] = [];
  let end: () => void = () => {};
  const ended = new Promise<{ exitCode: number; signal: undefined }>((resolve) => {
    end = () => resolve({ exitCode: 0, signal: undefined });
  });
  const process = {
    ended,
    epitaph: () => 'its last words',
    qmp: {
      on: (listener: (event: QmpEvent) => void) => {
        listeners.push(listener);
        return () => {};
      },
      execute: async () => ({ status }),
    },
  } as unknown as QemuProcess;
  const watch = watchForDeath(process);
  const event = (name: string, data: Record<string, unknown> = {}) => {
    for (const tell of listeners) tell({ event: name, data });
  };
  const now = () => Promise.race([watch.died, new Promise((resolve) => setTimeout(resolve, 20, 'alive'))]);
  return { watch, event, end: () => end(), now };
}

describe('the death of a machine', () => {
  test.each([
    ['guest-shutdown', 'the guest powered off'],
    ['guest-panic', "the guest's kernel panicked"],
    ['host-signal', 'QEMU was told to end by a signal'],
  ])('%s: %s', async (reason, words) => {
    const { event, end, now } = stage();
    event('SHUTDOWN', { guest: true, reason });
    expect(await now()).toBe('alive');
    end();
    expect(await now()).toBe(words);
  });

  test('without a word of QEMU is told by how the process ended', async () => {
    const { end, now } = stage();
    end();
    expect(await now()).toBe('its last words');
  });

  test('a panic counts, however it ends', async () => {
    const { event, end, now } = stage();
    event('GUEST_PANICKED', { action: 'poweroff' });
    end();
    expect(await now()).toBe("the guest's kernel panicked");
  });

  test.each([
    [{ action: 'stop', nospace: true, operation: 'write' }, "the host's disk is full: the guest was paused"],
    [{ action: 'stop', operation: 'read', reason: 'EIO' }, "the guest's disk cannot be read: EIO"],
  ])('a guest that was paused since its disk fails is dead', async (data, words) => {
    const { event, now } = stage();
    event('BLOCK_IO_ERROR', data);
    expect(await now()).toBe(words);
  });

  test('a disk error that the guest was told of is its own affair', async () => {
    const { event, now } = stage();
    event('BLOCK_IO_ERROR', { action: 'report', operation: 'read' });
    expect(await now()).toBe('alive');
  });

  test('a stop is death only if nothing can go on', async () => {
    const paused = stage('paused');
    paused.event('STOP');
    expect(await paused.now()).toBe('alive');
    const stuck = stage('internal-error');
    stuck.event('STOP');
    expect(await stuck.now()).toContain('internal error');
  });

  test('a restart by the guest is told, one by QEMU is not, and neither is the end', async () => {
    const { watch, event, now } = stage();
    let restarts = 0;
    watch.onRestart(() => {
      restarts += 1;
    });
    event('RESET', { guest: false, reason: 'snapshot-load' });
    expect(restarts).toBe(0);
    event('RESET', { guest: true, reason: 'guest-reset' });
    expect(restarts).toBe(1);
    expect(await now()).toBe('alive');
  });

  test('an end that was asked for is none', async () => {
    const { watch, event, end, now } = stage();
    watch.expect();
    event('SHUTDOWN', { guest: false, reason: 'host-qmp-quit' });
    end();
    expect(await now()).toBe('alive');
  });
});
