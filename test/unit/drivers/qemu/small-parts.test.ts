import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleTail, cutConsoleLog } from '../../../../drivers/qemu/console-log.ts';
import { findFirmware } from '../../../../drivers/qemu/firmware.ts';
import { readForwardedPort } from '../../../../drivers/qemu/forwarded-port.ts';
import { managerOf } from '../../../../drivers/qemu/packages.ts';
import { atLeast } from '../../../../drivers/qemu/programs.ts';
import { readSettings } from '../../../../drivers/qemu/settings.ts';
import { isMachine } from '../../../../drivers/qemu/sweep.ts';
import { fitsSocketPath, LONGEST_SOCKET_PATH } from '../../../../drivers/qemu/unix-socket.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { targetOf } from '../../../support/targets.ts';

describe('versions', () => {
  test.each([
    ['7.2.22', '7.1.0', true],
    ['8.2.0', '8.2.0', true],
    ['10.0.0', '8.2.0', true],
    ['7.0.99', '7.1.0', false],
    ['6.0.0', '6.0.1', false],
  ])('%s is at least %s: %s', (a, b, answer) => {
    expect(atLeast(a, b)).toBe(answer);
  });

  test('are ordered', () => {
    const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const number = ([x, y, z]: [number, number, number]) => x * 10_000 + y * 100 + z;
        return atLeast(a.join('.'), b.join('.')) === number(a) >= number(b);
      }),
    );
  });
});

describe('the forwarded port', () => {
  // QEMU 7.2; 10.0 prints the same.
  const table = [
    'Hub -1 (n0):',
    '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ',
    '  TCP[ESTABLISHED]   14       127.0.0.1 11111       10.0.2.15    22     0     0',
    '  TCP[HOST_FORWARD]  12       127.0.0.1  8080       10.0.2.15    80     0     0',
    '  TCP[HOST_FORWARD]  11       127.0.0.1 38555       10.0.2.15    22     0     0',
    '  UDP[236 sec]       15       10.0.2.15 55555        10.0.2.3    22     0     0',
    '',
  ].join('\r\n');

  test('is that of the forward to the guest’s port', () => {
    expect(readForwardedPort(table, 22)).toBe(38555);
    expect(readForwardedPort(table, 80)).toBe(8080);
    expect(readForwardedPort(table, 443)).toBeUndefined();
    expect(readForwardedPort('', 22)).toBeUndefined();
  });
});

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

describe('the console’s log', () => {
  test('is cut in the middle when it grows too large', async () => {
    const path = join(await scratchFolder(), 'console.log');
    const limit = { largest: 100, keep: 10 };
    await writeFile(path, 'b'.repeat(100));
    await cutConsoleLog(path, limit);
    expect((await stat(path)).size).toBe(100);
    await appendFile(path, 'c');
    await cutConsoleLog(path, limit);
    await appendFile(path, 'the end');
    expect(await readFile(path, 'utf8')).toBe(
      `${'b'.repeat(10)}\n[vmtest: 91 bytes of console output left out]\nthe end`,
    );
  });

  test('shows its end without what a terminal would obey', async () => {
    const path = join(await scratchFolder(), 'console.log');
    await writeFile(path, `${'x'.repeat(10_000)}\n\x1b[31mpanic\x07 \u009b2J\u202e– ok\r\n`);
    const tail = await consoleTail(path);
    expect(tail.length).toBeLessThanOrEqual(4096);
    expect(tail).toMatch(/x\n\[31mpanic 2J– ok\n$/);
    expect(await consoleTail(`${path}.not`)).toBe('');
  });
});

describe('the package manager', () => {
  test.each([
    ['ID=debian\n', 'apt'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf'],
    ['ID=fedora\n', 'dnf'],
    ['ID=manjaro\nID_LIKE=arch\n', 'pacman'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper'],
    ['ID=alpine\n', 'apk'],
    ['ID=unheard-of\n', 'apt'],
  ])('of %j is %s', (osRelease, manager) => {
    expect(managerOf(osRelease)).toBe(manager);
  });
});

test('the limit of a socket’s path counts bytes', () => {
  expect(fitsSocketPath('/'.padEnd(LONGEST_SOCKET_PATH, 'x'))).toBe(true);
  expect(fitsSocketPath('/'.padEnd(LONGEST_SOCKET_PATH, 'ü'))).toBe(false);
});

describe('settings', () => {
  const read = (options: Record<string, unknown>, memory?: number) =>
    readSettings(targetOf('qemu', options, memory === undefined ? {} : { memory }), '/cache');

  test('have defaults that fit the architecture', () => {
    expect(read({ arch: 'x86_64', image: '/i' })).toMatchObject({ machine: 'q35', firmware: 'bios' });
    expect(read({ arch: 'aarch64', image: '/i' })).toMatchObject({ machine: 'virt', firmware: 'uefi' });
    expect(read({ arch: 'aarch64', kernel: '/k' })).toMatchObject({ machine: 'virt', firmware: 'bios' });
    expect(read({ firmware: '/fw.fd' })).toMatchObject({ firmware: { path: '/fw.fd' } });
  });

  test('round memory up to whole MiB', () => {
    expect(read({}, 100 * 1024 ** 2 + 1).memory).toBe(101 * 1024 ** 2);
  });

  test('know where an image from a URL lies', () => {
    const sha256 = 'AB'.repeat(32);
    expect(read({ image: 'https://example.org/d.qcow2', sha256 })).toMatchObject({
      image: { path: `/cache/images/${'ab'.repeat(32)}`, sha256: 'ab'.repeat(32) },
      imageUrl: 'https://example.org/d.qcow2',
    });
    expect(read({ image: '/d.qcow2', sha256 }).image).toEqual({ path: '/d.qcow2', sha256: 'ab'.repeat(32) });
  });
});

describe('UEFI firmware', () => {
  let config: string;
  const before = process.env['XDG_CONFIG_HOME'];
  beforeEach(async () => {
    config = await scratchFolder();
    process.env['XDG_CONFIG_HOME'] = config;
    await mkdir(join(config, 'qemu', 'firmware'), { recursive: true });
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  });

  async function describeFirmware(name: string, change: Record<string, unknown> = {}): Promise<string> {
    const code = join(config, `${name}_CODE.fd`);
    const vars = join(config, `${name}_VARS.fd`);
    await Promise.all([writeFile(code, 'c'), writeFile(vars, 'v')]);
    const description = {
      'interface-types': ['uefi'],
      mapping: {
        device: 'flash',
        executable: { filename: code, format: 'raw' },
        'nvram-template': { filename: vars, format: 'raw' },
      },
      targets: [{ architecture: 'x86_64', machines: ['pc-i440fx-*', 'pc-q35-*'] }],
      features: ['acpi-s3'],
      ...change,
    };
    await writeFile(join(config, 'qemu', 'firmware', `${name}.json`), JSON.stringify(description));
    return code;
  }

  const find = () => findFirmware('uefi', 'x86_64', process.execPath);

  test('is the first that is described and fits', async () => {
    await describeFirmware('00-arm', { targets: [{ architecture: 'aarch64', machines: ['virt-*'] }] });
    await describeFirmware('01-secure', { features: ['secure-boot', 'requires-smm'] });
    await describeFirmware('02-bios', { 'interface-types': ['bios'] });
    await describeFirmware('03-memory', { mapping: { device: 'memory', filename: '/x' } });
    await writeFile(join(config, 'qemu', 'firmware', '04-broken.json'), '{');
    const code = await describeFirmware('05-good');
    expect(await find()).toEqual({
      kind: 'flash',
      code: { path: code, format: 'raw' },
      vars: { path: code.replace('CODE', 'VARS'), format: 'raw' },
    });
  });

  test('given as a path comes with the variables beside it', async () => {
    const code = join(config, 'OVMF_CODE.fd');
    await writeFile(code, 'c');
    const given = () => findFirmware({ path: code }, 'x86_64', process.execPath);
    expect(await given()).toEqual({ kind: 'file', path: code });
    await writeFile(join(config, 'OVMF_VARS.fd'), 'v');
    expect(await given()).toMatchObject({ kind: 'flash', vars: { path: join(config, 'OVMF_VARS.fd') } });
    expect(await findFirmware({ path: '/nope.fd' }, 'x86_64', process.execPath)).toBeUndefined();
  });

  test('is not needed for a BIOS boot', async () => {
    expect(await findFirmware('bios', 'x86_64', process.execPath)).toEqual({ kind: 'default' });
  });
});
