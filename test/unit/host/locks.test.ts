import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessIdentity } from '../../../src/host/host.ts';
import { createLocks } from '../../../src/host/locks.ts';
import { ownIdentity, tagOf } from '../../../src/host/process-identity.ts';
import { endedProcessId } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';

const forever = new AbortController().signal;

/** A lock whose owner was a process with our boot but an id and start that are no more. */
async function plantLock(folder: string, name: string, owner: ProcessIdentity): Promise<void> {
  await mkdir(join(folder, name, '1'), { recursive: true });
  await writeFile(join(folder, name, '1', `held.${tagOf(owner)}`), '');
}

describe('locks', () => {
  test('has one owner at a time', async () => {
    const locks = createLocks(await scratchFolder());
    const unlock = await locks.tryAcquire('vm');
    expect(unlock).toBeDefined();
    expect(await locks.tryAcquire('vm')).toBeUndefined();
    expect(await locks.tryAcquire('other vm/with: odd name')).toBeDefined();
    await unlock?.();
    expect(await locks.tryAcquire('vm')).toBeDefined();
  });

  test('is taken over from a dead owner', async () => {
    const folder = await scratchFolder();
    await plantLock(folder, 'vm', { ...ownIdentity(), pid: await endedProcessId(), start: '1' });
    expect(await createLocks(folder).tryAcquire('vm')).toBeDefined();
  });

  test('is taken over when the process id was used again', async () => {
    const folder = await scratchFolder();
    await plantLock(folder, 'vm', { ...ownIdentity(), start: '12' });
    expect(await createLocks(folder).tryAcquire('vm')).toBeDefined();
  });

  test('is left to an owner on another host', async () => {
    const folder = await scratchFolder();
    await plantLock(folder, 'vm', { ...ownIdentity(), boot: 'elsewhere|0|0' });
    expect(await createLocks(folder).tryAcquire('vm')).toBeUndefined();
  });

  test("a dead owner's is freed, and nobody else's", async () => {
    const folder = await scratchFolder();
    const dead = { ...ownIdentity(), pid: await endedProcessId(), start: '1' };
    await plantLock(folder, 'output%3A%2Fa', dead);
    await plantLock(folder, 'foreign', { ...ownIdentity(), boot: 'elsewhere|0|0' });
    const locks = createLocks(folder);
    await locks.acquire('mine', { signal: forever });
    const line = `lock output:/a of process ${dead.pid}`;
    expect(await locks.sweep(true)).toEqual([line]);
    expect(await locks.sweep(false)).toEqual([line]);
    expect(await locks.sweep(false)).toEqual([]);
    expect(await locks.tryAcquire('mine')).toBeUndefined();
    expect(await locks.tryAcquire('foreign')).toBeUndefined();
    expect(await locks.tryAcquire('output:/a')).toBeDefined();
  });

  test('tells a waiter who holds it, and lets it in afterwards', async () => {
    const locks = createLocks(await scratchFolder());
    const unlock = await locks.acquire('vm', { signal: forever });
    let holder = '';
    const second = locks.acquire('vm', {
      signal: forever,
      onWait: (who) => {
        holder = who;
        void unlock();
      },
    });
    await (await second)();
    expect(holder).toBe(`process ${process.pid}`);
  });

  test('stops waiting when told to', async () => {
    const locks = createLocks(await scratchFolder());
    await locks.acquire('vm', { signal: forever });
    const abort = new AbortController();
    const waiting = locks.acquire('vm', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('is given back when nobody waits for it any more', async () => {
    const locks = createLocks(await scratchFolder());
    const abort = new AbortController();
    const waiting = locks.acquire('vm', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await locks.tryAcquire('vm')).toBeDefined();
  });

  test('never has two owners among many contenders, and leaves one file', async () => {
    const folder = await scratchFolder();
    let owners = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 24 }, async () => {
        const unlock = await createLocks(folder).acquire('vm', { signal: forever });
        owners += 1;
        most = Math.max(most, owners);
        await new Promise((resolve) => setTimeout(resolve, 1));
        owners -= 1;
        await unlock();
      }),
    );
    expect(most).toBe(1);
    expect(await readdir(join(folder, 'vm'))).toHaveLength(1);
  });

  test('passes between processes, also when one is killed', async () => {
    const folder = await scratchFolder();
    const script = new URL('../../fixtures/hold-lock.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder, 'vm'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout, 'data');
    const locks = createLocks(folder);
    expect(await locks.tryAcquire('vm')).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await locks.tryAcquire('vm')).toBeDefined();
  });
});
