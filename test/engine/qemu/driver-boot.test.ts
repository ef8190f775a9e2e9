import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Machine } from '../../../drivers/driver.ts';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host } from '../../../src/host/host.ts';
import { tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';
import {
  consoleOf,
  diskTarget,
  open,
  prepare,
  processesOf,
  running,
  sh,
  soon,
  tinyTarget,
  until,
} from './support.ts';

const MIB = 1024 ** 2;
let host: Host;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
});

/** The first line that a server behind the guest's forwarded SSH port says. */
async function sshBanner(machine: Machine): Promise<string> {
  let banner = '';
  await until('an SSH banner', async () => {
    const access = await machine.access('ssh', soon());
    if (access.kind !== 'ssh') throw new Error(access.kind);
    expect(access.host).toBe('127.0.0.1');
    const socket = connect(access.port, access.host);
    socket.setTimeout(2_000, () => socket.destroy());
    const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [Buffer | boolean];
    socket.destroy();
    banner = Buffer.isBuffer(data) ? data.toString() : '';
    return banner !== '';
  });
  return banner;
}

/** Processor time of a process, in hundredths of a second. */
async function processorTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

describe('booting', () => {
  test('cold, from an overlay of the image, again and again', async () => {
    const image = join(await scratchFolder(), 'data.raw');
    await writeFile(image, Buffer.alloc(MIB, 'clean'));
    const target = await tinyTarget({ image }, { snapshot: 'none' });
    expect(await qemuDriver.check(target, { host, signal: soon() })).toMatchObject({
      needsPrepare: false,
      cleanState: 'disk overlay, cold boot (snapshot: none)',
    });
    for (let round = 0; round < 2; round += 1) {
      const opened = await running(target, host);
      expect(await sh(opened.machine, 'head -c 5 /dev/vda; printf DIRTY >/dev/vda; sync')).toBe('clean');
      expect(await sh(opened.machine, 'head -c 5 /dev/vda')).toBe('DIRTY');
      expect(await consoleOf(opened)).toContain('tiny: ready');
      await opened.machine.release();
    }
  });

  test('begins with `start`, not before', async () => {
    const { machine, lease } = await open(await tinyTarget({}, { snapshot: 'none' }), host);
    const [pid = 0] = await processesOf(lease.record.id);
    const before = await processorTicks(pid);
    await delay(600);
    // A booting guest would have used up most of that time.
    expect((await processorTicks(pid)) - before).toBeLessThan(10);
    await machine.start(soon());
    expect(await sh(machine, 'echo up')).toBe('up');
  });

  test.each(['bios', 'uefi'])('from a disk by %s, cold and from a live template', async (firmware) => {
    const cold = { ...diskTarget(await tinyGuest(), { firmware }), snapshot: 'none' };
    const { machine } = await running(cold, host);
    expect(await sh(machine, 'test -d /sys/firmware/efi && echo uefi || echo bios')).toBe(firmware);
    await machine.release();

    const live = { ...cold, snapshot: 'clean' };
    await prepare(live, host);
    const clone = await running(live, host);
    expect(await sh(clone.machine, 'test -d /sys/firmware/efi && echo uefi || echo bios')).toBe(firmware);
  });

  test.each(['virtio', 'sata', 'scsi', 'ide'])('with the disk on %s', async (bus) => {
    // The firmware reads the boot loader, the kernel and the initrd from that disk, whatever the kernel can drive.
    const target = { ...diskTarget(await tinyGuest(), { 'disk-bus': bus }), snapshot: 'none' };
    const { machine } = await running(target, host);
    expect(await sh(machine, 'uname -m')).toBe('x86_64');
  });

  test.each([
    ['its kernel', async (guest: Guest) => armTarget(guest)],
    [
      'its disk by UEFI',
      async ({ image }: Guest) => targetOf('qemu', { arch: 'aarch64', image }, { memory: 256 * MIB }),
    ],
  ])('an aarch64 guest from %s, live', async (_name, make) => {
    const target = await make(await tinyGuest('arm64'));
    const check = await qemuDriver.check(target, { host, signal: soon() });
    expect(check.problems).toEqual([]);
    expect(check.notes).toContain('software emulation: the guest is aarch64, the host x86_64');
    await prepare(target, host);
    const opened = await running(target, host);
    expect(await sh(opened.machine, 'uname -m')).toBe('aarch64');
    expect(await sshBanner(opened.machine)).toMatch(/^SSH-2.0-/);
    const shot = join(opened.logs, 'screen.png');
    await opened.machine.screenshot(shot, soon());
  });
});

type Guest = Awaited<ReturnType<typeof tinyGuest>>;

function armTarget({ kernel, initrd, append }: Guest): BaseTarget {
  return targetOf('qemu', { arch: 'aarch64', kernel, initrd, append }, { memory: 192 * MIB });
}

describe('the network', () => {
  /** A service on this host's loopback, which a guest sees at 10.0.2.2. */
  async function hostService(): Promise<number> {
    const server = createServer((socket) => socket.end('hello from the host\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  const reachHost = (port: number) => `timeout 3 nc 10.0.2.2 ${port} </dev/null || echo unreachable`;

  test.each([
    ['user', 'hello from the host'],
    ['restrict', 'unreachable'],
  ])('`%s`: the guest finds the host %s, and SSH gets in', async (network, answer) => {
    const port = await hostService();
    const target = await tinyTarget({ network });
    await prepare(target, host);
    const { machine } = await running(target, host);
    expect(await sh(machine, reachHost(port))).toBe(answer);
    expect(await sshBanner(machine)).toMatch(/^SSH-2.0-dropbear/);
  });

  test('`none`: there is no card, and no way in by SSH', async () => {
    const target = await tinyTarget({ network: 'none' });
    await prepare(target, host);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'ls /sys/class/net')).toBe('lo');
    await expect(machine.access('ssh', soon())).rejects.toMatchObject({ code: 'QEMU_NO_NETWORK' });
  });

  test('two machines at once have ports of their own', async () => {
    const target = await tinyTarget();
    await prepare(target, host);
    const machines = await Promise.all([running(target, host), running(target, host)]);
    const ports = await Promise.all(
      machines.map(async ({ machine }) => {
        const access = await machine.access('ssh', soon());
        return access.kind === 'ssh' ? access.port : 0;
      }),
    );
    expect(new Set(ports).size).toBe(2);
  });

  test('another port of the guest can be the one that is forwarded', async () => {
    const append = 'console=ttyS0 quiet tiny.sshd=0';
    const target = await tinyTarget({ append }, { guest: { port: 2222 } });
    await prepare(target, host);
    const { machine } = await running(target, host);
    await sh(machine, 'dropbear -p 2222 -r /etc/dropbear/host_ed25519');
    expect(await sshBanner(machine)).toMatch(/^SSH-2.0-dropbear/);
  });
});
