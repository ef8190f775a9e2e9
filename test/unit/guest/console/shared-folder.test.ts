/** Which way files take over a console: a real shell, whose `mount` links the files of a folder of this host. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentLink, FileShare } from '../../../../src/guest/channel.ts';
import { createConsoleLink } from '../../../../src/guest/console/link.ts';
import { never } from '../../../support/guest-channel-examples.ts';
import { startConsole } from '../../../support/guest-console.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const MOST = 64 * 1024;
/** Some pieces and a rest. */
const data = randomBytes(3 * MOST + 100);

interface Shared {
  link: AgentLink;
  /** A path for a file in the guest. */
  file: string;
  calls: { put: number; take: number };
  mounts(): Promise<string[]>;
}

async function open(change: Partial<Pick<FileShare, 'put' | 'take'>> = {}, mounts = true): Promise<Shared> {
  const folder = await scratchFolder();
  const [shared, bin, log] = [join(folder, 'shared'), join(folder, 'bin'), join(folder, 'mounts')];
  for (const made of [shared, bin]) await mkdir(made);
  for (const made of [join(shared, 'in'), join(shared, 'out'), log]) await writeFile(made, '');
  const links = `for at; do :; done; ln -s ${shared}/in ${shared}/out "$at/"`;
  await writeFile(join(bin, 'mount'), `#!/bin/sh\necho "$*" >>${log}\n${mounts ? links : 'exit 32'}\n`);
  await chmod(join(bin, 'mount'), 0o755);
  const calls = { put: 0, take: 0 };
  const link = createConsoleLink(
    startConsole({ env: { PATH: `${bin}:${process.env['PATH']}`, TMPDIR: folder } }),
    {
      credentials: { user: userInfo().username },
      resume: false,
      share: counted({ ...fileShare(shared), ...change }, calls),
    },
  );
  onTestFinished(() => link.close(true));
  while (!(await link.ping(never).then(...yesOrNo)));
  const lines = async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return { link, file: join(folder, "a file's name"), calls, mounts: lines };
}

const yesOrNo = [() => true, () => false] as const;

function fileShare(folder: string): FileShare {
  return {
    tag: 'files',
    most: MOST,
    put: (bytes) => writeFile(join(folder, 'in'), bytes),
    take: async () => {
      const bytes = await readFile(join(folder, 'out'));
      await truncate(join(folder, 'out'));
      return bytes;
    },
  };
}

function counted(share: FileShare, calls: Shared['calls']): FileShare {
  return {
    ...share,
    put: (bytes, signal) => {
      calls.put += 1;
      return share.put(bytes, signal);
    },
    take: (signal) => {
      calls.take += 1;
      return share.take(signal);
    },
  };
}

async function thereAndBack({ link, file }: Shared, bytes: Buffer): Promise<void> {
  await link.write(file, bytes, { append: false }, never);
  expect((await readFile(file)).equals(bytes)).toBe(true);
  expect((await link.read(file, 0, bytes.length + 1, never)).equals(bytes)).toBe(true);
}

describe('files over a console', () => {
  test('go by the folder, which is mounted once', async () => {
    const shared = await open();
    await thereAndBack(shared, data);
    await thereAndBack(shared, data);
    // The beginning of what is read comes by the line.
    expect(shared.calls).toEqual({ put: 2 * 4, take: 2 * 3 });
    expect(await shared.mounts()).toEqual([
      expect.stringMatching(/^-t 9p -o trans=virtio,version=9p2000\.L,msize=\d+ files \/.*\/m$/),
    ]);
  });

  test('are read by the folder, however little was written before', async () => {
    const shared = await open();
    await writeFile(shared.file, data);
    expect((await shared.link.read(shared.file, 0, data.length, never)).equals(data)).toBe(true);
    expect(shared.calls.put).toBe(0);
    expect(shared.calls.take).toBeGreaterThanOrEqual(3);
    expect(
      (await shared.link.read(shared.file, 70_000, 10, never)).equals(data.subarray(70_000, 70_010)),
    ).toBe(true);
    expect(await shared.link.read(shared.file, data.length, 10, never)).toHaveLength(0);
  });

  test('that are small go by the line, and nothing is mounted', async () => {
    const shared = await open();
    await thereAndBack(shared, data.subarray(0, 5_000));
    expect(shared.calls).toEqual({ put: 0, take: 0 });
    expect(await shared.mounts()).toEqual([]);
  });

  test('are appended', async () => {
    const { link, file, calls } = await open();
    await link.write(file, Buffer.from('begin'), { append: false }, never);
    await link.write(file, data, { append: true }, never);
    expect((await readFile(file)).equals(Buffer.concat([Buffer.from('begin'), data]))).toBe(true);
    expect(calls.put).toBe(4);
  });

  test('that cannot be written or are not there are refused, as by the line', async () => {
    const { link, file } = await open();
    await link.write(file, data, { append: false }, never);
    const refused = { code: 'GUEST_CONSOLE_REFUSED' };
    await expect(link.write(`${file}/no`, data, { append: true }, never)).rejects.toMatchObject(refused);
    for (const offset of [0, 100])
      await expect(link.read(`${file}.no`, offset, 10, never)).rejects.toMatchObject(refused);
  });
});

describe('files over a console go by the line', () => {
  test('where nothing can be mounted, which is tried once', async () => {
    const shared = await open({}, false);
    await thereAndBack(shared, data);
    await thereAndBack(shared, data);
    expect(shared.calls).toEqual({ put: 0, take: 0 });
    expect(await shared.mounts()).toHaveLength(1);
  });

  const other = randomBytes(100);
  test.each<[why: string, change: Parameters<typeof open>[0], calls: Shared['calls']]>([
    ['what the guest finds is something else', { put: async () => {} }, { put: 1, take: 0 }],
    ['nothing can be put', { put: async () => Promise.reject(new Error('no')) }, { put: 1, take: 0 }],
    ['what it gave is something else', { take: async () => other }, { put: 4, take: 1 }],
    ['it gave more than was asked for', { take: async () => Buffer.alloc(MOST + 1) }, { put: 4, take: 1 }],
    ['nothing can be taken', { take: async () => Promise.reject(new Error('no')) }, { put: 4, take: 1 }],
  ])('from then on when %s', async (_why, change, calls) => {
    const shared = await open(change);
    await thereAndBack(shared, data);
    expect(shared.calls).toEqual(calls);
  });
});

test('a transfer that is given up spoils none that follows', async () => {
  const stop = new AbortController();
  const shared = await open();
  const path = `${shared.file}.given-up`;
  const given = shared.link.write(path, data, { append: false }, stop.signal);
  while (shared.calls.put === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  await thereAndBack(shared, data);
  const spoilt = await readFile(path);
  expect(spoilt.equals(data.subarray(0, spoilt.length))).toBe(true);
});
