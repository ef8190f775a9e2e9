import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { v86Driver } from '../../../drivers/v86/driver.ts';
import type { Host, Lease } from '../../../src/host/host.ts';
import { i386Guest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';
import {
  consoleOf,
  consoleStream,
  kernelTarget,
  open,
  prepare,
  ready,
  running,
  Screen,
  sh,
  soon,
} from './support.ts';

const MIB = 1024 ** 2;
let host: Host;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
});

/** The kernel looks for disks beside everything else, and may be late. */
const haveDisk = 'until test -b /dev/sda; do sleep 0.2; done';

const fingerprint = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('booting', () => {
  test('begins with `start`, not before, and goes on from a saved state where it was', async () => {
    const target = await kernelTarget();
    expect(await v86Driver.check(target, { host, signal: soon() })).toMatchObject({
      problems: [],
      needsPrepare: true,
      cleanState: 'saved state "clean", made on first use',
    });
    await prepare(target, host, {
      settle: async (machine) => {
        await ready(machine);
        expect(await sh(machine, 'echo kept > /root/mark; cat /root/mark')).toBe('kept');
        return { channels: ['console'] };
      },
    });
    const { machine } = await open(target, host);
    expect(machine.clean.facts).toEqual({ channels: ['console'] });
    const screen = new Screen(await consoleStream(machine));
    await delay(300);
    expect(screen.text).toBe('');
    await machine.start(soon());
    expect(await sh(machine, 'cat /root/mark; uname -m')).toBe('kept\ni686');
    expect(await consoleOf(machine)).toContain('kept');
  });

  test('does not miss a process that is faster than the disk that its lease is written to', async () => {
    const target = await kernelTarget();
    await prepare(target, host);
    const lease = await host.leases.begin({ run: 'test', engine: 'v86', target: target.name });
    onTestFinished(() => lease.end());
    // The last thing that a process does before it says that it is ready.
    const isLoaded = () => existsSync(join(lease.record.folder, 'console.sock'));
    const slow: Lease = {
      ...lease,
      note: async (facts) => {
        for (const signal = soon(); !isLoaded(); await delay(20)) signal.throwIfAborted();
        await lease.note(facts);
      },
    };
    const logs = join(host.paths.state, 'logs', lease.record.id);
    const machine = await v86Driver.open(target, { host, lease: slow, logs, signal: soon() });
    onTestFinished(() => machine.release());
    await machine.start(soon());
  });

  test('cold, from a disk that is never written to', async () => {
    const { image } = await i386Guest();
    const before = await fingerprint(image);
    const target = targetOf('v86', { image }, { memory: 64 * MIB, snapshot: 'none' });
    const { machine } = await running(target, host);
    await ready(machine);
    // The last sector of the disk: nothing of the file system lies there.
    const last = 'skip=$(($(cat /sys/block/sda/size) - 1)) count=1 if=/dev/sda 2>/dev/null | tr -d "\\0"';
    expect(await sh(machine, `${haveDisk}; dd ${last}`)).toBe('');
    await sh(machine, 'echo DIRTY | dd of=/dev/sda seek=$(($(cat /sys/block/sda/size) - 1)) conv=sync,fsync');
    expect(await sh(machine, `echo 3 > /proc/sys/vm/drop_caches; dd ${last}`)).toBe('DIRTY');
    await machine.release();
    expect(await fingerprint(image)).toBe(before);
  });

  test('what was written to the disk before the state was saved is in every clone, and no more', async () => {
    const { image } = await i386Guest();
    const target = await kernelTarget({ image });
    const write = (text: string, at: number) =>
      `printf '%-512s' ${text} | dd of=/dev/sda bs=512 seek=${at} conv=notrunc,fsync 2>/dev/null`;
    const read = (at: number) =>
      `echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/sda bs=512 skip=${at} count=1 2>/dev/null`;
    await prepare(target, host, {
      settle: async (machine) => {
        await ready(machine);
        await sh(machine, `${haveDisk}; ${write('frozen', 30000)}; ${write('frozen', 30001)}`);
        return {};
      },
    });
    const [one, two] = await Promise.all([running(target, host), running(target, host)]);
    await sh(one.machine, write('own', 30001));
    expect(await sh(one.machine, `${read(30000)}; ${read(30001)}`)).toMatch(/^frozen\s+own\s*$/);
    expect(await sh(two.machine, `${read(30000)}; ${read(30001)}`)).toMatch(/^frozen\s+frozen\s*$/);
  });
});

describe('the console', () => {
  test('loses nothing, in either direction, however slow the reader', async () => {
    const target = await kernelTarget();
    await prepare(target, host);
    const { machine } = await running(target, host);
    const stream = await consoleStream(machine);
    const screen = new Screen(stream);
    const data = 'x'.repeat(63).concat('\n').repeat(1024);
    stream.write(`stty -echo raw; head -c ${data.length} | md5sum; stty echo cooked\n`);
    await delay(500);
    stream.write(data);
    const sum = createHash('md5').update(data).digest('hex');
    expect((await screen.says(/([0-9a-f]{32}) {2}-/))[1]).toBe(sum);

    stream.pause();
    const before = screen.text.length;
    stream.write('stty -onlcr; yes 0123456 | head -c 1000000; echo "the"end\n');
    await delay(3_000);
    stream.resume();
    await screen.says(/theend/);
    expect(screen.text.slice(before).match(/0123456\n/g)).toHaveLength(125_000);
  });
});

describe('the screen', () => {
  test('is pictured with what the guest shows', async () => {
    const target = await kernelTarget();
    await prepare(target, host);
    const { machine } = await running(target, host);
    const folder = await scratchFolder();
    const shot = async (name: string) => {
      await machine.screenshot(join(folder, name), soon());
      return readFile(join(folder, name));
    };
    const before = await shot('before.png');
    expect(before.subarray(1, 4).toString()).toBe('PNG');
    expect([before.readUInt32BE(16), before.readUInt32BE(20)]).toEqual([640, 400]);
    expect(await shot('again.png')).toEqual(before);
    await sh(machine, 'echo a line for the screen >/dev/tty1');
    expect(await shot('after.png')).not.toEqual(before);
  });
});

describe('the network', () => {
  /** The first line that a server behind the guest's forwarded SSH port says. */
  async function sshBanner(port: number): Promise<string> {
    for (const signal = soon(); ; await delay(200)) {
      const socket = connect(port, '127.0.0.1');
      const data = await new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(chunk.toString()));
        socket.once('close', () => resolve(''));
        socket.setTimeout(5_000, () => socket.destroy());
      });
      socket.destroy();
      if (data !== '' || signal.aborted) return data;
    }
  }

  test.each([
    ['user', 'from the host'],
    ['restrict', '403'],
  ])('%s: a port leads to the guest, also after a restore; the web answers %j', async (network, answer) => {
    const server = createServer((_request, response) => response.end('from the host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const target = await kernelTarget({ network });
    expect((await v86Driver.check(target, { host, signal: soon() })).access).toEqual(['ssh', 'console']);
    await prepare(target, host);
    const { machine } = await running(target, host);
    const access = await machine.access('ssh', soon());
    if (access.kind !== 'ssh') throw new Error(access.kind);
    expect(await sshBanner(access.port)).toMatch(/^SSH-2\.0-dropbear/);
    // The emulated router knows this host's own servers by such names.
    const { port } = server.address() as AddressInfo;
    const wget = `wget -O - http://${port}.external/ 2>&1`;
    expect(await sh(machine, `${wget} | grep -o -e 'from the host' -e 403`)).toBe(answer);
  });
});
