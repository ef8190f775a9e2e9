import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host } from '../../../src/host/host.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import {
  agentOf,
  consoleOf,
  exists,
  open,
  prepare,
  processesOf,
  running,
  sh,
  soon,
  tinyTarget,
  until,
} from './support.ts';

let host: Host;
let target: BaseTarget;

beforeAll(async () => {
  host = await testHost();
  target = await tinyTarget();
  await prepare(target, host);
});

const MIB = 1024 ** 2;

describe('the end of a machine', () => {
  test('by power-off is told', async () => {
    const { machine } = await running(target, host);
    const link = await agentOf(machine);
    await link.start(['/sbin/poweroff'], { capture: false }, soon());
    expect(await machine.died).toBe('the guest powered off');
    await machine.release();
  });

  test('by a panic of its kernel is told', async () => {
    const opened = await running(target, host);
    const link = await agentOf(opened.machine);
    await link.start(['/bin/sh', '-c', 'echo c >/proc/sysrq-trigger'], { capture: false }, soon());
    expect(await opened.machine.died).toBe("the guest's kernel panicked");
    expect(await consoleOf(opened)).toContain('Kernel panic');
  });

  test('by a kill from outside is told', async () => {
    const { machine, lease } = await running(target, host);
    const [pid] = await processesOf(lease.record.id);
    process.kill(pid as number, 'SIGKILL');
    expect(await machine.died).toBe('QEMU was ended by SIGKILL');
    await expect(machine.start(soon())).rejects.toMatchObject({ code: 'QEMU_GONE', retryable: true });
  });

  test('is no death when it was asked for', async () => {
    const { machine } = await running(target, host);
    let died = false;
    void machine.died.then(() => {
      died = true;
    });
    await machine.stop(0);
    await machine.release();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(died).toBe(false);
  });

  test('with grace lets the guest shut down by itself', async () => {
    const opened = await running(target, host);
    await sh(opened.machine, "echo 'echo going down >/dev/console; exec poweroff' >/etc/acpi/PWRF/00000080");
    await opened.machine.stop(60_000);
    expect(await consoleOf(opened)).toContain('going down');
    expect(await processesOf(opened.lease.record.id)).toEqual([]);
  });

  test('with grace is forced on a guest that does not react', async () => {
    const { machine, lease } = await running(target, host);
    await sh(machine, 'rm /etc/acpi/PWRF/00000080');
    await machine.stop(300);
    expect(await processesOf(lease.record.id)).toEqual([]);
  });
});

describe('what is seen of a machine', () => {
  test('a screenshot is a PNG with a picture in it', async () => {
    const { machine, logs } = await running(target, host);
    const path = join(logs, 'screen.png');
    await machine.screenshot(path, soon());
    const png = await readFile(path);
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(640);
  });

  test('there is no screenshot without a display', async () => {
    const blind = await tinyTarget({ vga: 'none' }, { snapshot: 'none' });
    const { machine, logs } = await open(blind, host);
    await expect(machine.screenshot(join(logs, 'screen.png'), soon())).rejects.toMatchObject({
      code: 'NO_SCREEN',
    });
  });

  test('the console is logged', async () => {
    const opened = await running(target, host);
    await sh(opened.machine, 'echo to the console >/dev/console');
    await until('the text in the log', async () => (await consoleOf(opened)).includes('to the console'));
    expect(opened.machine.consoleLog).toBe(join(opened.logs, 'console.log'));
  });

  test('a console that never stops printing does not fill the disk', async () => {
    const opened = await running(target, host);
    await sh(opened.machine, 'true');
    const log = opened.machine.consoleLog as string;
    await appendFile(log, Buffer.alloc(20 * MIB, 'x'));
    await until('the log to be cut', async () => (await stat(log)).size < 9 * MIB);
    await sh(opened.machine, 'echo still here >/dev/console');
    await until('later output', async () => (await consoleOf(opened)).includes('still here'));
    expect(await consoleOf(opened)).toMatch(/\[vmtest: \d+ bytes of console output left out\]/);
  });
});

describe('a machine that is kept', () => {
  test('lives on, says how to get in, and is taken away by a sweep', async () => {
    const { machine, lease } = await running(target, host);
    const { id, folder } = lease.record;
    const [ssh, console] = await machine.keep();
    const [pid] = await processesOf(id);
    expect(pid).toBeDefined();
    const port = Number(/-p (\d+)/.exec(ssh ?? '')?.[1]);
    expect(ssh).toMatch(/^ssh .*root@127\.0\.0\.1$/);
    const socket = createConnection(port, '127.0.0.1');
    const [banner] = await once(socket, 'data');
    socket.destroy();
    expect(String(banner)).toMatch(/^SSH-2.0-/);
    expect(console).toContain(join(folder, 'console.sock'));

    const swept = await qemuDriver.sweep(lease.record, { host, signal: soon(), dryRun: false });
    expect(swept).toEqual([`QEMU process ${pid} (vmtest-${id})`]);
    expect(await processesOf(id)).toEqual([]);
  });
});

describe('a start that fails', () => {
  const opening = async (options: Record<string, unknown>) => {
    const failing = await tinyTarget(options, { snapshot: 'none' });
    const lease = await host.leases.begin({ run: 'test', engine: 'qemu', target: 't' });
    onTestFinished(() => lease.end());
    const logs = join(host.paths.state, 'logs');
    const error = await qemuDriver
      .open(failing, { host, lease, logs, signal: soon() })
      .catch((thrown: unknown) => thrown);
    expect(await processesOf(lease.record.id)).toEqual([]);
    expect(await exists(join(lease.record.folder, 'disk.qcow2'))).toBe(false);
    return error;
  };

  test('says what QEMU said about an argument', async () => {
    expect(await opening({ args: ['-frobnicate'] })).toMatchObject({
      code: 'QEMU_OPTION_INVALID',
      message: 'starting QEMU failed: QEMU refuses an option: -frobnicate: invalid option',
      hint: expect.stringContaining('`args`'),
      details: expect.stringContaining('-frobnicate: invalid option'),
    });
    expect(await opening({ machine: 'nonsense' })).toMatchObject({ code: 'QEMU_OPTION_INVALID' });
    expect(await opening({ cpu: 'nonsense' })).toMatchObject({ code: 'QEMU_OPTION_INVALID' });
    expect(await opening({ 'net-device': 'nonsense' })).toMatchObject({ code: 'QEMU_OPTION_INVALID' });
  });

  test('says that the port is taken when a forward of the user is', async () => {
    const server = spawn(process.execPath, [
      '-e',
      'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
    ]);
    onTestFinished(() => {
      server.kill();
    });
    const [port] = await once(server.stdout, 'data');
    const args = ['-netdev', `user,id=more,hostfwd=tcp:127.0.0.1:${String(port).trim()}-:80`];
    expect(await opening({ args })).toMatchObject({ code: 'QEMU_PORT_TAKEN', retryable: true });
  });

  test('says that the image is in use by a machine that writes to it', async () => {
    const image = join(await scratchFolder(), 'busy.qcow2');
    await writeFile(`${image}.raw`, Buffer.alloc(MIB));
    const { stdout } = spawn('qemu-img', ['convert', '-O', 'qcow2', `${image}.raw`, image]);
    await once(stdout, 'close');
    const busy = await tinyTarget({ image });
    const checkBusy = () => qemuDriver.check(busy, { host, signal: soon() });
    await until('the image to be there', async () => (await checkBusy()).problems.length === 0);

    const node = `{"driver":"qcow2","node-name":"d","file":{"driver":"file","filename":"${image}"}}`;
    const args = ['-M', 'none', '-display', 'none', '-monitor', 'stdio', '-blockdev', node];
    const writer = spawn('qemu-system-x86_64', [...args, '-S']);
    onTestFinished(() => {
      writer.kill('SIGKILL');
    });
    await once(writer.stdout, 'data');
    writer.stdin.write('info block\n');
    await until('the lock', async () => (await checkBusy()).problems.length > 0);
    expect((await checkBusy()).problems).toEqual([
      {
        code: 'QEMU_IMAGE_LOCKED',
        message: expect.stringContaining(`${image} is in use by another program`),
        hint: expect.stringContaining('Shut down'),
      },
    ]);
    expect(await opening({ image })).toMatchObject({ code: 'QEMU_IMAGE_LOCKED' });
  });

  test('leaves nothing when it is cut off', async () => {
    const lease = await host.leases.begin({ run: 'test', engine: 'qemu', target: 't' });
    onTestFinished(() => lease.end());
    for (const ms of [0, 1, 5, 10, 20, 30, 40, 50]) {
      const cut = AbortSignal.timeout(ms);
      const logs = join(host.paths.state, 'logs');
      const opened = await qemuDriver
        .open(target, { host, lease, logs, signal: cut })
        .catch((thrown: unknown) => thrown);
      if (opened instanceof Error) expect(opened.name).toBe('TimeoutError');
      else await (opened as Awaited<ReturnType<typeof qemuDriver.open>>).release();
      expect(await processesOf(lease.record.id)).toEqual([]);
      expect(await exists(join(lease.record.folder, 'disk.qcow2'))).toBe(false);
    }
  });
});
