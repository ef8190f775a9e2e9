import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host } from '../../../src/host/host.ts';
import { debianGuest } from '../../support/guests.ts';
import { testHost } from '../../support/test-host.ts';
import {
  debianTarget,
  open,
  prepare,
  processesOf,
  running,
  sh,
  soon,
  templatesOf,
  tinyTarget,
} from './support.ts';

const MIB = 1024 ** 2;

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

describe('clones of a live template', () => {
  let host: Host;
  let target: BaseTarget;
  let image: string;

  beforeAll(async () => {
    host = await testHost({ ownCache: true });
    image = join(host.paths.state, '..', 'data.raw');
    await writeFile(image, Buffer.alloc(8 * MIB, 'clean'));
    target = await tinyTarget({ image });
    await prepare(target, host);
  });

  const readDisk = 'head -c 5 /dev/vda; echo; cat /root/mark 2>/dev/null || echo unmarked';
  const dirty = 'printf DIRTY | dd of=/dev/vda conv=notrunc 2>/dev/null; sync; echo marked >/root/mark';

  test('never see what another one wrote, to disk or to memory; nor does the template', async () => {
    const [key] = await templatesOf(host);
    const files = ['ram.bin', 'state.bin', 'disk.qcow2'].map((name) =>
      join(host.paths.cache, 'templates', key as string, name),
    );
    const before = await Promise.all([...files, image].map(hashOf));

    const [a, b] = await Promise.all([running(target, host), running(target, host)]);
    expect(await sh(a.machine, readDisk)).toBe('clean\nunmarked');
    await sh(a.machine, dirty);
    expect(await sh(a.machine, readDisk)).toBe('DIRTY\nmarked');
    expect(await sh(b.machine, readDisk)).toBe('clean\nunmarked');

    const c = await running(target, host);
    expect(await sh(c.machine, readDisk)).toBe('clean\nunmarked');
    await Promise.all([a, b, c].map(({ machine }) => machine.release()));
    expect(await Promise.all([...files, image].map(hashOf))).toEqual(before);
  });

  test('do not boot again: the guest was up already when it was saved', async () => {
    const { machine } = await running(target, host);
    expect(Number(await sh(machine, 'cut -d. -f1 /proc/uptime'))).toBeGreaterThanOrEqual(1);
    // The console shows only what is printed from now on.
    expect(await readFile(machine.consoleLog as string, 'utf8')).not.toContain('tiny: ready');
  });

  test('wait with their processors stopped until they are started', async () => {
    const { machine } = await open(target, host);
    const access = await machine.access('agent', soon());
    if (access.kind !== 'agent') throw new Error(access.kind);
    await expect(access.link.ping(AbortSignal.timeout(1_500))).rejects.toThrow();
    await machine.start(soon());
    expect(await sh(machine, 'echo awake')).toBe('awake');
  });

  test('carry the facts and one identity of their template, and names of their own', async () => {
    const [a, b] = await Promise.all([open(target, host), open(target, host)]);
    expect(a.machine.clean).toEqual(b.machine.clean);
    expect(a.machine.clean.facts).toEqual({ channels: ['agent'] });
    expect(a.machine.name).toBe(`vmtest-${a.lease.record.id}`);
    expect(a.machine.name).not.toBe(b.machine.name);
  });

  test('share the pages of their memory', async () => {
    const [a, b] = await Promise.all([running(target, host), running(target, host)]);
    await Promise.all([sh(a.machine, 'true'), sh(b.machine, 'true')]);
    const [pid] = await processesOf(a.lease.record.id);
    const { shared, total } = await memoryMapping(pid as number);
    expect(total).toBeGreaterThan(0);
    expect(shared / total).toBeGreaterThan(0.3);
  });

  test('leave nothing behind when they are released', async () => {
    const { machine, lease } = await running(target, host);
    await machine.stop(0);
    expect(await processesOf(lease.record.id)).toEqual([]);
    await machine.release();
    await machine.release();
    expect(await readdir(lease.record.folder)).toEqual([]);
  });
});

/** Kilobytes of the guest's memory file in a process: those that are clean or shared, and all. */
async function memoryMapping(pid: number): Promise<{ shared: number; total: number }> {
  const maps = await readFile(`/proc/${pid}/smaps`, 'utf8');
  const mapping = maps.slice(maps.indexOf('ram.bin'));
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(mapping)?.[1]);
  return { shared: value('Shared_Clean') + value('Private_Clean'), total: value('Rss') };
}

test('clones of a kernel that knows vmgenid draw different random numbers', async () => {
  const host = await testHost();
  const target = debianTarget(await debianGuest(13));
  await prepare(target, host);
  const draw = 'od -An -N16 -tx1 /dev/urandom';
  const drawn: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { machine } = await running(target, host);
    drawn.push(await sh(machine, draw));
    await machine.release();
  }
  expect(new Set(drawn).size).toBe(3);
});
