/** A host that refuses: full disks, read-only file systems, files of other users. What fails says so; what there was is there still. */
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createReporter as eventsReporter } from '../../reporters/events.ts';
import { writeReport } from '../../reporters/write-report.ts';
import { writeAtomic } from '../../src/host/atomic-write.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { Host } from '../../src/host/host.ts';
import { createLocks } from '../../src/host/locks.ts';
import { readPast, saveHistory } from '../../src/run/history.ts';
import { createHostKeyPins } from '../../src/run/host-keys.ts';
import { claimOutputFolder } from '../../src/run/output-folder.ts';
import { sweep } from '../../src/run/sweep.ts';
import { withoutRoot } from '../support/other-user.ts';
import { scratchFolder } from '../support/scratch.ts';
import { CAN_MOUNT, smallDisk } from '../support/small-disk.ts';

const never = new AbortController().signal;
const PIN = `SHA256:${'a'.repeat(43)}`;
const notWritten = { name: 'VmtestError', code: 'FILE_NOT_WRITTEN' };

function hostIn(folder: string, told: string[] = []): Host {
  const paths = { state: join(folder, 'state'), cache: join(folder, 'cache') };
  return createHost({ paths, warn: (message) => told.push(message) });
}

async function allFiles(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('filler-')).sort();
}

/** What a run does to its state, each of which must fail cleanly where nothing can be written. */
function writes(host: Host, folder: string): [string, () => Promise<unknown>][] {
  return [
    ['a lease', () => host.leases.begin({ run: 'r', engine: 'none', target: 't' })],
    ['a lock', () => host.locks.tryAcquire('another')],
    ['the history', () => saveHistory(host, '/m.yml', [])],
    ['a host key', () => createHostKeyPins(host).set('vm', PIN)],
    ['a sweep', () => sweep(host, { kept: false, dryRun: false, signal: never })],
    ['an output folder', () => claimOutputFolder(join(folder, 'out'), createLocks(join(folder, 'others')))],
    ['a file', () => writeAtomic(join(folder, 'file'), 'new')],
  ];
}

// On other systems, and for other users, the simulated disk of company.test.ts is what is full.
describe.skipIf(!CAN_MOUNT)('on a small file system (mounting it takes root on Linux)', () => {
  test('a full disk is told as such, leaves no half files, and lets go of what was held', async () => {
    const { folder, fill } = await smallDisk();
    const host = hostIn(folder);
    await writeAtomic(join(folder, 'file'), 'old');
    const unlock = await host.locks.tryAcquire('vm');
    const lease = await host.leases.begin({ run: 'r', engine: 'none', target: 't' });
    fill();
    const before = await allFiles(folder);
    for (const [what, write] of writes(host, folder)) {
      await expect(write(), what).rejects.toMatchObject({ ...notWritten, message: /the disk is full/ });
      expect(await allFiles(folder), what).toEqual(before);
    }
    await expect(lease.note({ more: 'x'.repeat(5000) })).rejects.toMatchObject(notWritten);
    await expect(writeReport(join(folder, 'junit.xml'), ['<x/>'])).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
    });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old');
    expect((await host.leases.list()).leases).toHaveLength(1);
    await unlock?.();
    await lease.end();
    expect((await host.leases.list()).leases).toEqual([]);
    expect(await allFiles(join(folder, 'state', 'machines'))).toEqual([]);
  });

  test('a full disk breaks the event log, and the log says so', async () => {
    const { folder, fill } = await smallDisk();
    fill();
    const { onEvent, finish } = eventsReporter({
      output: folder,
      stdout: process.stdout,
      stderr: process.stderr,
      color: false,
    });
    onEvent?.({ type: 'target:note', target: 't', message: 'x' });
    await expect(finish?.()).rejects.toThrow('ENOSPC');
  });

  test('a file system that became read-only is told as such', async () => {
    const { folder, makeReadOnly } = await smallDisk();
    const host = hostIn(folder);
    await saveHistory(host, '/m.yml', []);
    makeReadOnly();
    const before = await allFiles(folder);
    for (const [what, write] of writes(host, folder)) {
      await expect(write(), what).rejects.toMatchObject({ ...notWritten, message: /read-only/ });
    }
    const nowhereYet = join(folder, 'new', 'state');
    await expect(createLocks(nowhereYet).tryAcquire('vm')).rejects.toMatchObject({ message: /read-only/ });
    expect(await allFiles(folder)).toEqual(before);
    expect(await readPast(host, '/m.yml')).toEqual({ cells: {}, prepared: {} });
  });
});

describe.skipIf(process.platform === 'win32')('without rights (Windows has no modes)', () => {
  /** A folder that everybody can look into. */
  async function openFolder(): Promise<string> {
    const folder = await scratchFolder();
    await chmod(folder, 0o755);
    return folder;
  }

  test('a state folder that cannot be written to is told as such', async () => {
    const folder = await openFolder();
    await chmod(folder, 0o555);
    onTestFinished(() => chmod(folder, 0o755));
    for (const [what, write] of writes(hostIn(folder), folder)) {
      await expect(withoutRoot(write), what).rejects.toMatchObject({ ...notWritten, message: /not allowed/ });
    }
  });

  test('a record that cannot be read is left where it is, and told', async () => {
    const folder = await openFolder();
    const host = hostIn(folder);
    const { record } = await host.leases.begin({ run: 'r', engine: 'none', target: 't' });
    const path = join(folder, 'state', 'leases', `${record.id}.json`);
    await chmod(join(folder, 'state'), 0o755);
    await chmod(join(folder, 'state', 'leases'), 0o777);
    await chmod(path, 0o000);
    const { leases, unreadable } = await withoutRoot(() => host.leases.list());
    expect(leases).toEqual([]);
    expect(unreadable).toEqual([expect.stringContaining(`${path} cannot be read (EACCES)`)]);
    expect(await readdir(join(folder, 'state', 'leases'))).toEqual([`${record.id}.json`]);
  });

  test('a history that cannot be read counts as lost, and is not written over', async () => {
    const folder = await openFolder();
    const told: string[] = [];
    const host = hostIn(folder, told);
    await saveHistory(host, '/m.yml', []);
    const history = join(folder, 'state', 'history');
    const [name = ''] = await readdir(history);
    await chmod(join(folder, 'state'), 0o755);
    await chmod(history, 0o777);
    await chmod(join(history, name), 0o000);
    expect((await withoutRoot(() => readPast(host, '/m.yml'))).isLost).toBe(true);
    expect(told).toEqual([expect.stringContaining('cannot be read (EACCES)')]);
  });

  test('a lock that another user holds is not taken', async () => {
    const folder = await openFolder();
    const locks = createLocks(join(folder, 'locks'));
    const unlock = await locks.tryAcquire('vm');
    await chmod(join(folder, 'locks'), 0o777);
    await chmod(join(folder, 'locks', 'vm'), 0o777);
    expect(await withoutRoot(() => locks.tryAcquire('vm'))).toBeUndefined();
    await chmod(join(folder, 'locks', 'vm', '1'), 0o000);
    await expect(withoutRoot(() => locks.tryAcquire('vm'))).rejects.toMatchObject({ code: 'LOCK_DAMAGED' });
    await chmod(join(folder, 'locks', 'vm', '1'), 0o755);
    await unlock?.();
  });
});

describe('one place by two names', () => {
  test('is one output folder: a second run is told so', async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    const locks = createLocks(join(folder, 'locks'));
    await claimOutputFolder(join(folder, 'real'), locks);
    await expect(claimOutputFolder(join(folder, 'link'), locks)).rejects.toMatchObject({
      code: 'OUTPUT_IN_USE',
    });
  });
});

describe('files that vanish or come between two steps', () => {
  test('a folder that is removed while it is written to is made again by the next write', async () => {
    const folder = await scratchFolder();
    const host = hostIn(folder);
    await saveHistory(host, '/m.yml', []);
    await rename(join(folder, 'state'), join(folder, 'gone'));
    expect(await readPast(host, '/m.yml')).toEqual({ cells: {}, prepared: {} });
    await saveHistory(host, '/m.yml', []);
    const lease = await host.leases.begin({ run: 'r', engine: 'none', target: 't' });
    await rm(join(folder, 'state'), { recursive: true });
    await expect(lease.note({ a: 1 })).rejects.toMatchObject(notWritten);
    await lease.end();
    await writeFile(join(folder, 'state'), 'a file');
    await expect(host.locks.tryAcquire('vm')).rejects.toMatchObject(notWritten);
  });
});
