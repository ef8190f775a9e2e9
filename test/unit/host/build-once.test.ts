import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Buildable, buildOnce, sweepPartial } from '../../../src/host/build-once.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { namesIn } from '../../../src/host/names-in.ts';
import { isSealIntact } from '../../../src/host/sealed-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function setUp(build: Buildable['build']) {
  const state = await scratchFolder();
  const host = createHost({ paths: { state, cache: join(state, 'cache') } });
  const parent = join(state, 'cache', 'things');
  const wanted: Buildable = {
    folder: join(parent, 'key'),
    lock: 'thing-key',
    what: 'thing',
    isThere: async () => (await namesIn(join(parent, 'key'))).includes('record'),
    build,
  };
  const builder = async () => {
    const lease = await host.leases.begin({ run: 'r', engine: 'e', target: 't' });
    const told: string[] = [];
    const progress = (message: string) => void told.push(message);
    return { host, lease, signal: new AbortController().signal, progress, told };
  };
  return { wanted, parent, builder };
}

test('what is there and not whole is told, and made anew in its place', async () => {
  const { wanted, builder } = await setUp((partial) => writeFile(join(partial, 'record'), 'new'));
  await mkdir(wanted.folder, { recursive: true });
  await writeFile(join(wanted.folder, 'rest'), 'of the old one');
  const { told, ...others } = await builder();
  await buildOnce(wanted, others);
  expect(told).toEqual([`the thing in ${wanted.folder} is damaged, and is made anew`]);
  expect(await readdir(wanted.folder)).toEqual(['record', 'seal.json']);
  expect(await isSealIntact(wanted.folder)).toBe(true);
});

test('of two makers one builds, out of sight, and the other waits for it', async () => {
  let builds = 0;
  let begun = () => {};
  let finish = () => {};
  const building = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const waited = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { wanted, parent, builder } = await setUp(async (partial) => {
    builds += 1;
    await writeFile(join(partial, 'record'), 'text', { mode: 0o644 });
    begun();
    await waited;
  });
  const first = await builder();
  const second = await builder();
  const making = buildOnce(wanted, first);
  await building;
  expect(await readdir(parent)).toEqual([`.building-${first.lease.record.id}`]);
  expect(first.lease.record.facts).toEqual({ building: join(parent, `.building-${first.lease.record.id}`) });
  const progress = (message: string) => {
    second.progress(message);
    finish();
  };
  await Promise.all([making, buildOnce(wanted, { ...second, progress })]);
  expect(builds).toBe(1);
  expect(second.told).toEqual([`waiting for process ${process.pid}, which is making the same thing`]);
  expect(await readdir(parent)).toEqual(['key']);
  expect(await readFile(join(wanted.folder, 'record'), 'utf8')).toBe('text');
  expect((await stat(join(wanted.folder, 'record'))).mode & 0o777).toBe(0o600);
});

test('what fails leaves nothing, and the next one may try', async () => {
  let fails = true;
  const { wanted, parent, builder } = await setUp(async (partial) => {
    await writeFile(join(partial, 'record'), 'text');
    if (fails) throw new Error('no luck');
  });
  await expect(buildOnce(wanted, await builder())).rejects.toThrow('no luck');
  expect(await readdir(parent)).toEqual([]);
  fails = false;
  await buildOnce(wanted, await builder());
  expect(await readdir(parent)).toEqual(['key']);
});

test('a half-made one is swept here and where its maker noted it, but nothing of another name', async () => {
  const folder = await scratchFolder();
  const here = join(folder, 'here', '.building-abcdefgh');
  const there = join(folder, 'there', '.building-abcdefgh');
  const stranger = join(folder, 'precious');
  for (const path of [here, there, stranger]) await mkdir(path, { recursive: true });
  const sweep = (building: unknown, dryRun = false) =>
    sweepPartial(join(folder, 'here'), { id: 'abcdefgh', facts: { building } }, { dryRun });

  expect(await sweep(there, true)).toEqual([here, there]);
  expect(await sweep(stranger)).toEqual([here]);
  expect(await sweep(there)).toEqual([there]);
  expect(await sweep(undefined)).toEqual([]);
  expect(await sweep({ odd: true })).toEqual([]);
  expect(await readdir(folder)).toContain('precious');
});
