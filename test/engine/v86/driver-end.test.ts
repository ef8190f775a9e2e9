import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { v86Driver } from '../../../drivers/v86/driver.ts';
import type { Host, LeaseRecord } from '../../../src/host/host.ts';
import { testHost } from '../../support/test-host.ts';
import { owner } from './owner.ts';
import { consoleStream, kernelTarget, lives, open, pidOf, prepare, running, soon } from './support.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
  await prepare(await kernelTarget(), host);
});

async function dies(pid: number): Promise<void> {
  for (const signal = soon(); await lives(pid); await delay(20)) signal.throwIfAborted();
}

async function leaseOf(pid: number): Promise<LeaseRecord> {
  const { leases } = await host.leases.list();
  const found = leases.find(({ record }) => pidOf({ lease: { record } }) === pid);
  if (!found) throw new Error('the lease of the dead run is gone');
  return found.record;
}

describe('a machine ends', () => {
  test('when its guest powers off', async () => {
    const { machine } = await running(await kernelTarget(), host);
    (await consoleStream(machine)).write('poweroff -f\n');
    expect(await machine.died).toBe('the guest powered off, or halted its processor for good');
  });

  test("when its guest's kernel panics, with the reason", async () => {
    const { machine } = await running(await kernelTarget(), host);
    (await consoleStream(machine)).write('echo c > /proc/sysrq-trigger\n');
    expect(await machine.died).toBe("the guest's kernel panicked: sysrq triggered crash");
  });

  test('when its process is killed', async () => {
    const opened = await running(await kernelTarget(), host);
    process.kill(pidOf(opened), 'SIGKILL');
    expect(await opened.machine.died).toBe("the machine's process was ended by SIGKILL");
    await expect(opened.machine.start(soon())).rejects.toMatchObject({ code: 'V86_KILLED', retryable: true });
  });

  test('without a word when it was asked to, however often', async () => {
    const opened = await running(await kernelTarget(), host);
    const died = opened.machine.died.then(() => 'died');
    await opened.machine.stop(0);
    await opened.machine.stop(0);
    expect(await lives(pidOf(opened))).toBe(false);
    expect(await Promise.race([died, delay(100).then(() => 'quiet')])).toBe('quiet');
    await opened.machine.release();
    await opened.machine.release();
    expect(await readdir(opened.lease.record.folder)).toEqual([]);
  });

  test('when a clean state cannot be made of it, with what its console said', async () => {
    const target = await kernelTarget({ append: 'console=ttyS0 quiet tiny.panic=1' });
    const never = () => new Promise<never>(() => {});
    await expect(prepare(target, host, { settle: never })).rejects.toMatchObject({
      code: 'GUEST_DIED',
      message: expect.stringContaining("the guest's kernel panicked"),
      details: expect.stringContaining('tiny: panic as asked'),
    });
    expect((await readdir(join(host.paths.cache, 'v86'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('when opening it is cut short', async () => {
    const target = await kernelTarget();
    const lease = await host.leases.begin({ run: 'test', engine: 'v86', target: target.name });
    const abort = new AbortController();
    const logs = join(host.paths.state, 'logs');
    const opening = v86Driver.open(target, { host, lease, logs, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('cut')), 100);
    await expect(opening).rejects.toThrow('cut');
    expect(await lives(pidOf({ lease }))).toBe(false);
    expect(await readdir(lease.record.folder)).toEqual([]);
    await lease.end();
  });
});

describe('the run is killed', () => {
  test('its machine ends by itself', async () => {
    const run = owner('open', host, await kernelTarget());
    const [, pid] = await run.says(/running (\d+)/);
    expect(await lives(Number(pid))).toBe(true);
    await run.kill();
    await dies(Number(pid));
  });

  test('a kept machine goes on, can be reached, and is swept when asked', async () => {
    const run = owner('keep', host, await kernelTarget());
    const [, pid] = await run.says(/kept (\d+)/);
    await run.kill();
    await delay(500);
    expect(await lives(Number(pid))).toBe(true);
    const record = await leaseOf(Number(pid));
    const context = { host, signal: soon() };
    const told = [`v86 process ${pid} (vmtest-${record.id})`];
    expect(await v86Driver.sweep(record, { ...context, dryRun: true })).toEqual(told);
    expect(await lives(Number(pid))).toBe(true);
    expect(await v86Driver.sweep(record, { ...context, dryRun: false })).toEqual(told);
    expect(await lives(Number(pid))).toBe(false);
    expect(await v86Driver.sweep(record, { ...context, dryRun: false })).toEqual([]);
    await host.leases.forget(record);
  });

  test('a half-made clean state is swept', async () => {
    const run = owner('hang', host, await kernelTarget({ append: 'console=ttyS0 quiet half=made' }));
    const [, pid] = await run.says(/booted (\d+)/);
    await run.kill();
    await dies(Number(pid));
    const record = await leaseOf(Number(pid));
    const told = [expect.stringMatching(/^half-made clean state /)];
    expect(await v86Driver.sweep(record, { host, signal: soon(), dryRun: false })).toEqual(told);
    expect((await readdir(join(host.paths.cache, 'v86'))).filter((name) => name.startsWith('.'))).toEqual([]);
    await host.leases.forget(record);
  });
});

describe('the state changes', () => {
  test('when a file of the target does, and a cell is told that there is none', async () => {
    const target = await kernelTarget({ append: 'console=ttyS0 quiet other=1' });
    await expect(open(target, host)).rejects.toMatchObject({ code: 'V86_STATE_MISSING' });
  });
});
