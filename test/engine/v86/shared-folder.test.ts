/** Files in and out by the folder that a guest shares with its host, and what a guest can do to it. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Machine } from '../../../drivers/driver.ts';
import type { ConsoleAccess, GuestChannel } from '../../../src/guest/channel.ts';
import { connect } from '../../../src/guest/connect.ts';
import type { Host } from '../../../src/host/host.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import { kernelTarget, prepare, ready, running, sh, soon } from './support.ts';

const MIB = 1024 ** 2;
let host: Host;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
});

interface Counted {
  channel: GuestChannel;
  /** Bytes that went by the folder. */
  bytes: { put: number; taken: number };
}

async function channelOf(machine: Machine, memory?: string): Promise<Counted> {
  const access = await machine.access('console', soon());
  if (access.kind !== 'console' || !access.share) throw new Error(`no folder: ${access.kind}`);
  const bytes = { put: 0, taken: 0 };
  const channel = await connect(counting(access, access.share, bytes), options(memory), soon());
  onTestFinished(() => channel.close(false));
  return { channel, bytes };
}

function options(memory: string | undefined) {
  const os = 'linux' as const;
  return { credentials: { user: 'root' }, os, ...(memory === undefined ? {} : { memory }) };
}

function counting(
  access: ConsoleAccess,
  share: NonNullable<ConsoleAccess['share']>,
  bytes: Counted['bytes'],
): ConsoleAccess {
  return {
    ...access,
    share: {
      ...share,
      put: async (data, signal) => {
        bytes.put += data.length;
        await share.put(data, signal);
      },
      take: async (signal) => {
        const data = await share.take(signal);
        bytes.taken += data.length;
        return data;
      },
    },
  };
}

async function treeOf(sizes: Record<string, number>): Promise<string> {
  const folder = await scratchFolder();
  for (const [name, size] of Object.entries(sizes)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), randomBytes(size));
  }
  return folder;
}

async function thereAndBack(channel: GuestChannel, folder: string, names: readonly string[]): Promise<void> {
  const tar = Readable.from(create({ cwd: folder, portable: true }, [...names]), { objectMode: false });
  await channel.upload(tar, 'tree', soon());
  const back = await scratchFolder();
  await pipeline(await channel.download('tree', names, soon()), extract({ cwd: back }));
  for (const name of names) {
    const equal = (await readFile(join(back, name))).equals(await readFile(join(folder, name)));
    expect({ name, equal }).toEqual({ name, equal: true });
  }
}

test('carries a tree of some megabytes in and out, byte for byte', async () => {
  const target = await kernelTarget();
  await prepare(target, host);
  const { machine } = await running(target, host);
  const { channel, bytes } = await channelOf(machine);
  const sizes = { 'a/large': 2 * MIB + 1, 'a/b/one': MIB, 'a/b/rest': 50_000, empty: 0, small: 10 };
  await thereAndBack(channel, await treeOf(sizes), Object.keys(sizes));
  // All of it, but for the beginning of what was read.
  expect(bytes.put).toBeGreaterThan(3 * MIB);
  expect(bytes.taken).toBeGreaterThan(3 * MIB);
  await channel.close();
  expect(await sh(machine, 'grep -c 9p /proc/mounts; ls -d /tmp/.vmtest-*')).toMatch(/^0\n.*No such file/s);
});

test('goes on in the clones of a machine that was saved with it mounted; they share nothing', async () => {
  // Not the clean state of the other tests, which has nothing mounted.
  const target = await kernelTarget({}, { snapshot: 'mounted' });
  let memory: string | undefined;
  await prepare(target, host, {
    settle: async (machine) => {
      await ready(machine);
      const { channel } = await channelOf(machine);
      await thereAndBack(channel, await treeOf({ first: 100_000 }), ['first']);
      ({ memory } = channel);
      await channel.close(false);
      return {};
    },
  });
  const [one, two] = await Promise.all([running(target, host), running(target, host)]);
  const ways = [await channelOf(one.machine, memory), await channelOf(two.machine, memory)];
  const left = 'cd /tmp/.vmtest-*/m && ls && cat in out | wc -c';
  for (const { channel } of ways) expect(await run(channel, left)).toMatchObject({ stdout: 'in\nout\n0\n' });
  await Promise.all(
    ways.map(async ({ channel }) => thereAndBack(channel, await treeOf({ own: MIB + 50_000 }), ['own'])),
  );
  for (const { bytes } of ways) {
    expect(bytes.put).toBeGreaterThan(MIB);
    expect(bytes.taken).toBeGreaterThan(MIB);
  }
});

test('holds no more than its two files, whatever a guest tries', async () => {
  const target = await kernelTarget();
  await prepare(target, host);
  const { machine } = await running(target, host);
  const mount = 'mkdir -p /m; mount -t 9p -o trans=virtio,version=9p2000.L host9p /m; cd /m';
  const tries = [
    'echo x >new',
    'mkdir new',
    'ln -s in new',
    'mv in new',
    'rm -f in',
    'echo x >in',
    'dd if=/dev/zero of=out bs=64k count=17',
    'dd if=/dev/zero of=out bs=1 seek=9999999999 count=1',
    'truncate -s 1048577 out',
  ];
  const outcomes = tries.map((one) => `(${one}) 2>/dev/null; echo $?`).join('; ');
  const told = await sh(
    machine,
    `${mount}; ${outcomes}; ls -1; wc -c <in; df -k . | tail -n 1; cd /; umount /m`,
  );
  const [statuses, files] = [told.split('\n').slice(0, tries.length), told.split('\n').slice(tries.length)];
  expect(statuses).not.toContain('0');
  expect(files.slice(0, 3)).toEqual(['in', 'out', '0']);
  const access = await machine.access('console', soon());
  if (access.kind !== 'console' || !access.share) throw new Error('no folder');
  expect((await access.share.take(soon())).length).toBeLessThanOrEqual(MIB);
  expect(await access.share.take(soon())).toHaveLength(0);
  await expect(access.share.put(Buffer.alloc(MIB + 1), soon())).rejects.toMatchObject({
    code: 'V86_REQUEST_FAILED',
  });
});
