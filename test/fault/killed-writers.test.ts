/** Real processes that are killed while they write: whoever reads finds the old file or the new one, and nothing stays beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { writeReport } from '../../reporters/write-report.ts';
import { createHost } from '../../src/host/create-host.ts';
import { sweep } from '../../src/run/sweep.ts';
import { scratchFolder } from '../support/scratch.ts';
import { CAN_MOUNT } from '../support/small-disk.ts';

const never = new AbortController().signal;
const TIMES = 6;
/** Each writer is a Node that compiles its script first. */
const SLOW = { timeout: 120_000 };

/** A fixture as a process of its own, once it has said its first word. */
async function begin(fixture: string, args: string[], before: string[] = []): Promise<ChildProcess> {
  const script = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const [program = '', ...rest] = [...before, process.execPath, '--import', 'tsx', script, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a report is whole whenever its writer is killed, and the next writer tidies up', SLOW, async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'results.json');
  for (let time = 0; time < TIMES; time += 1) {
    const writer = await begin('write-reports.ts', [path]);
    await delay(7 * time);
    await kill(writer);
    expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('round');
  }
  await writeReport(path, ['{"round":0}']);
  expect(await readdir(folder)).toEqual(['results.json']);
});

test('what a living writer has begun is left to it', SLOW, async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'results.json');
  await begin('write-reports.ts', [path]);
  for (let round = 0; round < 50; round += 1) await writeReport(path, ['{"round":0}']);
  expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('round');
});

test.skipIf(!CAN_MOUNT)(
  'a lock held in another pid namespace is nobody’s to take (making one takes root on Linux)',
  SLOW,
  async () => {
    const folder = await scratchFolder();
    const host = createHost({ paths: { state: folder, cache: folder } });
    const holder = await begin(
      'hold-lock.ts',
      [join(folder, 'locks'), 'vm'],
      [...['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']],
    );
    expect(await host.locks.tryAcquire('vm')).toBeUndefined();
    let told = '';
    const waiting = host.locks.acquire('vm', {
      signal: AbortSignal.timeout(300),
      onWait: (who) => {
        told = who;
      },
    });
    await expect(waiting).rejects.toThrow();
    expect(told).toMatch(
      /^process \d+ of another host or container \(when that is gone, delete .*\/locks\/vm\)$/,
    );
    await kill(holder);
    // Whether it still lives, only its own namespace could tell.
    await sweep(host, { kept: true, dryRun: false, signal: never });
    expect(await host.locks.tryAcquire('vm')).toBeUndefined();
  },
);
