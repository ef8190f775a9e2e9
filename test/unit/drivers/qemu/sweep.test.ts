import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isImageTool, isMachine, sweepLease } from '../../../../drivers/qemu/sweep.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import type { LeaseRecord } from '../../../../src/host/host.ts';
import { ownIdentity } from '../../../../src/host/process-identity.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('a process is ours', () => {
  const argv = (name: string) => ['/usr/bin/qemu-system-x86_64', '-name', name, '-nodefaults'];

  test('by the name behind -name, and only by the whole of it', () => {
    expect(isMachine(argv('guest=vmtest-abcdefgh,debug-threads=on'), 'vmtest-abcdefgh')).toBe(true);
    expect(isMachine(argv('guest=vmtest-abcdefgh2,debug-threads=on'), 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(argv('other'), 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(['grep', 'guest=vmtest-abcdefgh,x'], 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine([''], 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(['-name'], 'vmtest-abcdefgh')).toBe(false);
  });
});

test('a copy of an image that a dead run wanted is ours, and no other', () => {
  const folders = ['/state/machines/abcdefgh', '/cache/templates/.building-abcdefgh'];
  const argv = (to: string) => ['/usr/bin/qemu-img', 'convert', '-O', 'qcow2', '/images/a.img', to];
  expect(isImageTool(argv('/cache/templates/.building-abcdefgh/disk.qcow2'), folders)).toBe(true);
  expect(isImageTool(argv('/state/machines/abcdefgh/disk.qcow2'), folders)).toBe(true);
  expect(isImageTool(argv('/state/machines/abcdefgh2/disk.qcow2'), folders)).toBe(false);
  expect(isImageTool(['tail', '-f', '/state/machines/abcdefgh/log'], folders)).toBe(false);
  expect(isImageTool([''], folders)).toBe(false);
});

describe('a half-made clean state', () => {
  const lease = (folder: string, building: unknown): LeaseRecord => ({
    version: 1,
    id: 'abcdefgh',
    run: 'r',
    owner: ownIdentity(),
    engine: 'qemu',
    target: 't',
    created: '',
    folder,
    facts: building === undefined ? {} : { building },
  });

  test('is taken away from this cache and from the one that its maker had, and nothing else is', async () => {
    const folder = await scratchFolder();
    const host = createHost({ paths: { state: folder, cache: join(folder, 'cache') } });
    const context = { host, signal: new AbortController().signal, dryRun: false };
    const here = join(folder, 'cache', 'templates', '.building-abcdefgh');
    const there = join(folder, 'other', 'templates', '.building-abcdefgh');
    const stranger = join(folder, 'precious');
    for (const path of [here, there, stranger]) await mkdir(path, { recursive: true });

    expect(await sweepLease(lease(folder, stranger), { ...context, dryRun: true })).toHaveLength(1);
    expect(await readdir(here)).toEqual([]);
    expect(await sweepLease(lease(folder, stranger), context)).toEqual([`half-made clean state ${here}`]);
    expect(await readdir(stranger)).toEqual([]);
    expect(await sweepLease(lease(folder, there), context)).toEqual([`half-made clean state ${there}`]);
    expect(await sweepLease(lease(folder, there), context)).toEqual([]);
    expect(await sweepLease(lease(folder, { odd: true }), context)).toEqual([]);
  });
});
