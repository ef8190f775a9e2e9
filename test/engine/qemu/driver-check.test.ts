import { execFile } from 'node:child_process';
import { chmod, truncate, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../../drivers/driver.ts';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import { createHost } from '../../../src/host/create-host.ts';
import type { Host } from '../../../src/host/host.ts';
import { tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';
import { prepare, soon, tinyTarget } from './support.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;
let host: Host;
let folder: string;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
});
beforeEach(async () => {
  folder = await scratchFolder();
});

const check = (options: Record<string, unknown>, more: Parameters<typeof targetOf>[2] = {}): Promise<Check> =>
  qemuDriver.check(targetOf('qemu', options, { memory: 128 * MIB, ...more }), { host, signal: soon() });

const codes = ({ problems }: Check): string[] => problems.map(({ code }) => code).sort();

async function qcow2(name: string, content = 'x'): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.raw`, Buffer.alloc(MIB, content));
  await run('qemu-img', ['convert', '-O', 'qcow2', `${path}.raw`, path]);
  return path;
}

describe('probe', () => {
  test('finds QEMU, with its version and the acceleration that a guest would get', async () => {
    const probe = await qemuDriver.probe({ host, signal: soon() });
    expect(probe).toMatchObject({
      available: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      acceleration: expect.stringMatching(/^(kvm|tcg)$/),
    });
    expect(probe.findings.join('\n')).toMatch(/x86_64 guests: \/.*qemu-system-x86_64/);
    expect(probe.findings.join('\n')).toMatch(/aarch64 guests: \/.*qemu-system-aarch64/);
  });

  test('says what to install where there is no QEMU', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      expect(await qemuDriver.probe({ host, signal: soon() })).toMatchObject({
        available: false,
        findings: ['not found: qemu-system-x86_64, qemu-img, qemu-system-aarch64'],
        fixes: [expect.stringMatching(/install.* qemu-system-x86 qemu-utils/)],
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('check', () => {
  test('answers with everything a run wants to know of a good target', async () => {
    const good = await qemuDriver.check(await tinyTarget(), { host, signal: soon() });
    expect(good).toMatchObject({
      problems: [],
      exclusive: null,
      needsPrepare: true,
      access: ['agent', 'ssh', 'console'],
      demand: { cpus: 1 },
    });
    expect(good.demand.memory).toBeGreaterThan(128 * MIB);
    expect(good.notes).toHaveLength(1);
  });

  test('tells all problems of a target together', async () => {
    const bad = await check(
      {
        image: join(folder, 'nope.qcow2'),
        kernel: join(folder, 'vmlinuz'),
        firmware: join(folder, 'nope.fd'),
        arch: 'aarch64',
        accel: 'kvm',
        'disk-bus': 'ide',
        args: ['-daemonize', '-loadvm', 'x'],
        network: 'none',
        agent: false,
      },
      { memory: totalmem() + MIB, guest: { channel: 'ssh' } },
    );
    expect(codes(bad)).toEqual([
      'QEMU_ACCEL_MISSING',
      'QEMU_ARGS_CONFLICT',
      'QEMU_ARGS_CONFLICT',
      'QEMU_FILE_MISSING',
      'QEMU_FILE_MISSING',
      'QEMU_FIRMWARE_MISSING',
      'QEMU_MEMORY_TOO_BIG',
      'QEMU_NO_WAY_IN',
      'QEMU_OPTIONS_CONFLICT',
    ]);
  });

  test.each([
    ['no boot', {}, {}, ['QEMU_OPTIONS_CONFLICT']],
    ['initrd and append without kernel', { initrd: '/dev/null', append: 'x' }, {}, 3],
    ['BIOS on aarch64', { image: '/dev/null', arch: 'aarch64', firmware: 'bios' }, {}, 1],
    ['too little memory', { kernel: '/dev/null' }, { memory: MIB }, ['QEMU_MEMORY_TOO_SMALL']],
    [
      'ssh without network',
      { kernel: '/dev/null', network: 'none' },
      { guest: { channel: 'ssh' } },
      ['QEMU_NO_WAY_IN'],
    ],
    [
      'agent without port',
      { kernel: '/dev/null', agent: false },
      { guest: { channel: 'agent' } },
      ['QEMU_NO_WAY_IN'],
    ],
    ['whpx', { kernel: '/dev/null', accel: 'whpx' }, {}, ['QEMU_ACCEL_MISSING']],
    [
      'a binary that is not there',
      { kernel: '/dev/null', binary: '/nope/qemu' },
      {},
      ['QEMU_PROGRAM_MISSING'],
    ],
  ] as const)('refuses %s', async (_name, options, more, expected) => {
    const found = codes(await check(options, more as Parameters<typeof targetOf>[2]));
    if (typeof expected === 'number')
      expect(found.filter((code) => code === 'QEMU_OPTIONS_CONFLICT')).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });

  test('refuses an image that is not what its name says', async () => {
    const image = join(folder, 'disk.qcow2');
    await writeFile(image, Buffer.alloc(MIB));
    expect((await check({ image })).problems).toEqual([
      {
        code: 'QEMU_IMAGE_FORMAT',
        message: `${image} is not a qcow2 image: it has no such header`,
        hint: expect.stringContaining('qemu-img info'),
      },
    ]);
  });

  test('refuses an image that was cut off', async () => {
    const image = await qcow2('disk.qcow2');
    await truncate(image, 60);
    expect(codes(await check({ image }))).toEqual(['QEMU_IMAGE_FORMAT']);
  });

  test('refuses an image whose backing file is gone, and names it', async () => {
    const image = join(folder, 'over.qcow2');
    const base = join(folder, 'gone.raw');
    await run('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', '-b', base, '-F', 'raw', image, '1M']);
    expect((await check({ image })).problems).toEqual([
      {
        code: 'QEMU_BACKING_MISSING',
        message: expect.stringContaining(base),
        hint: expect.stringContaining('qemu-img rebase'),
      },
    ]);
  });

  test('refuses an image whose content is not that of `sha256`', async () => {
    const image = await qcow2('disk.qcow2');
    const { stdout } = await run('sha256sum', [image]);
    const sha256 = stdout.split(' ')[0] as string;
    expect((await check({ image, sha256: sha256.toUpperCase() })).problems).toEqual([]);
    expect((await check({ image, sha256: 'a'.repeat(64) })).problems).toEqual([
      {
        code: 'IMAGE_CHECKSUM',
        message: expect.stringContaining(sha256),
        hint: expect.any(String),
      },
    ]);
  });

  test('leaves the reading of a large image to `prepare`, its checksum too', async () => {
    const image = join(folder, 'large.raw');
    await writeFile(image, 'large');
    await truncate(image, 100 * MIB);
    const sha256 = (await run('sha256sum', [image])).stdout.split(' ')[0];
    const good = await tinyTarget({ image, sha256 }, { snapshot: 'none' });
    const bad = await tinyTarget({ image, sha256: 'a'.repeat(64) }, { snapshot: 'none' });
    const look = (target: typeof good) => qemuDriver.check(target, { host, signal: soon() });
    expect(await look(bad)).toMatchObject({ problems: [], needsPrepare: true });

    const said: string[] = [];
    const preparing = prepare(bad, host, { progress: (message) => said.push(message) });
    await expect(preparing).rejects.toMatchObject({ code: 'IMAGE_CHECKSUM' });
    expect(said).toEqual([`reading ${image} for the first time`]);
    // From now on its content is known.
    expect(codes(await look(bad))).toEqual(['IMAGE_CHECKSUM']);
    expect(await look(good)).toMatchObject({ problems: [], needsPrepare: false });
  });

  test('knows an image from a URL by its checksum, and asks to pull it', async () => {
    const image = 'https://example.org/disk.qcow2';
    expect((await check({ image, sha256: 'a'.repeat(64) })).problems).toEqual([
      {
        code: 'IMAGE_NOT_PULLED',
        message: `the image ${image} is not in the cache`,
        hint: 'Fetch it with: vmtest image pull',
      },
    ]);
  });

  test('refuses a folder for state whose sockets QEMU could not make', async () => {
    const state = join(folder, 'x'.repeat(100));
    const long = createHost({ paths: { state, cache: host.paths.cache } });
    const target = await tinyTarget();
    const { problems } = await qemuDriver.check(target, { host: long, signal: soon() });
    expect(problems).toEqual([
      {
        code: 'QEMU_PATH_TOO_LONG',
        message: expect.stringContaining(state),
        hint: expect.stringContaining('XDG_STATE_HOME'),
      },
    ]);
  });

  test('refuses a QEMU that is too old', async () => {
    const binary = join(folder, 'qemu-system-x86_64');
    await writeFile(binary, '#!/bin/sh\necho "QEMU emulator version 4.2.1 (old)"\n');
    await chmod(binary, 0o755);
    const { kernel } = await tinyGuest();
    expect(codes(await check({ binary, kernel }))).toContain('QEMU_TOO_OLD');
  });
});
