import { execFile } from 'node:child_process';
import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import { listTemplates, removeTemplate } from '../../../drivers/qemu/template.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import { scratchFolder } from '../../support/scratch.ts';
import {
  owner,
  prepare,
  processesOf,
  running,
  settleByAgent,
  sh,
  soon,
  templatesOf,
  tinyTarget,
} from './support.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;

let host: Host;
let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
});

/** Prepares and answers how often a guest was booted for it. */
async function boots(target: BaseTarget): Promise<number> {
  let count = 0;
  await prepare(target, host, {
    settle: (machine) => {
      count += 1;
      return settleByAgent(machine);
    },
  });
  return count;
}

const check = (target: BaseTarget) => qemuDriver.check(target, { host, signal: soon() });

describe('a live template', () => {
  test('is made on first use, used again, and made anew when its image changes', async () => {
    const image = join(folder, 'data.raw');
    await writeFile(image, Buffer.alloc(4 * MIB, 'one'));
    const target = await tinyTarget({ image });
    expect(await check(target)).toMatchObject({
      problems: [],
      needsPrepare: true,
      cleanState: 'live template "clean", made on first use',
    });
    expect(await boots(target)).toBe(1);
    expect(await check(target)).toMatchObject({ needsPrepare: false, cleanState: 'live template "clean"' });
    expect(await boots(target)).toBe(0);

    // The same size and time stamps: only the content and the time of change tell.
    const { atime, mtime } = await stat(image);
    await writeFile(image, Buffer.alloc(4 * MIB, 'two'));
    await utimes(image, atime, mtime);
    expect((await check(target)).needsPrepare).toBe(true);
    expect(await boots(target)).toBe(1);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'head -c 3 /dev/vda')).toBe('two');
  });

  test('is still good when its image has moved', async () => {
    const image = join(folder, 'here.raw');
    await writeFile(image, Buffer.alloc(4 * MIB, 'one'));
    await boots(await tinyTarget({ image }));
    const moved = join(folder, 'there.raw');
    await rename(image, moved);
    const target = await tinyTarget({ image: moved });
    expect(await boots(target)).toBe(0);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'head -c 3 /dev/vda')).toBe('one');
  });

  test('is shared by targets that would get the same machine, and by no others', async () => {
    const first = await tinyTarget({}, { name: 'first' });
    const same = await tinyTarget({}, { name: 'same' });
    const other = await tinyTarget({}, { name: 'other', memory: 160 * MIB });
    expect(await boots(first)).toBe(1);
    expect((await check(same)).needsPrepare).toBe(false);
    expect((await check(other)).needsPrepare).toBe(true);
  });

  test('takes little disk: its memory file is sparse', async () => {
    await boots(await tinyTarget({}, { memory: 1024 * MIB }));
    const [template] = await listTemplates(host.paths.cache);
    expect((await stat(join(template?.folder ?? '', 'ram.bin'))).size).toBe(1024 * MIB);
    expect(template?.size).toBeLessThan(256 * MIB);
    expect(template?.record).toMatchObject({ kind: 'live', target: 't', snapshot: 'clean' });
    if (template) await removeTemplate(template);
    expect(await templatesOf(host)).toEqual([]);
  });

  test('is built once by two processes that want it at the same time', async () => {
    const target = await tinyTarget();
    const owners = [owner('prepare', host, target), owner('prepare', host, target)];
    expect(await Promise.all(owners.map(({ ended }) => ended))).toEqual([0, 0]);
    const outputs = owners.map(({ output }) => output());
    expect(outputs.filter((output) => /^booted$/m.test(output))).toHaveLength(1);
    expect(outputs.filter((output) => output.includes('making the same clean state'))).toHaveLength(1);
    expect(outputs.every((output) => output.endsWith('prepared\n'))).toBe(true);
    expect(await templatesOf(host)).toHaveLength(1);
  });

  test('is taken over from a process that was killed while it made it', async () => {
    const target = await tinyTarget();
    const killed = owner('hang', host, target);
    await killed.says(/^booted$/m);
    const [, id = ''] = await killed.says(/^lease (\w+)$/m);
    await killed.kill();
    expect(await templatesOf(host)).toEqual([`.building-${id}`]);
    expect(await boots(target)).toBe(1);
    // What the dead one left is the sweep's to take.
    const record = (await host.leases.list()).leases.find((lease) => lease.record.id === id)?.record;
    if (!record) throw new Error('the lease is gone');
    await qemuDriver.sweep(record, { host, signal: soon(), dryRun: false });
    expect(await templatesOf(host)).toHaveLength(1);
    expect(await processesOf(id)).toEqual([]);
  });

  test('that failed to settle leaves nothing, and its error has the console', async () => {
    const target = await tinyTarget();
    const failure = new VmtestError('GUEST_NOT_READY', 'not today');
    const settle = async (machine: Parameters<typeof settleByAgent>[0]) => {
      await settleByAgent(machine);
      throw failure;
    };
    const error = await prepare(target, host, { settle }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GUEST_NOT_READY', message: 'not today' });
    expect((error as VmtestError).details).toContain('tiny: ready');
    expect(await templatesOf(host)).toEqual([]);
    expect(await runningMachines()).toBe(0);
  });

  test('of a guest that dies is given up at once, with the reason', async () => {
    const target = await tinyTarget({ append: 'console=ttyS0 quiet tiny.panic=1' });
    const never = () => new Promise<never>(() => {});
    await expect(prepare(target, host, { settle: never })).rejects.toMatchObject({
      code: 'GUEST_DIED',
      message: expect.stringContaining('panicked'),
      details: expect.stringContaining('panic as asked'),
    });
    expect(await templatesOf(host)).toEqual([]);
  });

  test('that is cut off by its signal leaves nothing', async () => {
    const target = await tinyTarget();
    const cut = new AbortController();
    const settle = () => {
      cut.abort(new VmtestError('CANCELLED', 'enough'));
      return new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(cut.signal.reason), 100);
      });
    };
    await expect(prepare(target, host, { settle, signal: cut.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await templatesOf(host)).toEqual([]);
    expect(await runningMachines()).toBe(0);
  });

  test('is not tried where it is known to be impossible', async () => {
    const args = ['-virtfs', `local,path=${folder},mount_tag=s,security_model=none`];
    expect(await check(await tinyTarget({ args }))).toMatchObject({
      needsPrepare: false,
      cleanState: 'disk overlay, cold boot (a folder is shared (9p))',
    });
  });

  test('is refused, with what to do, when a device turns out not to be savable', async () => {
    const args = ['-device', 'qemu-xhci', '-device', `usb-mtp,rootdir=${folder}`];
    await expect(prepare(await tinyTarget({ args }), host)).rejects.toMatchObject({
      code: 'QEMU_NOT_MIGRATABLE',
      message: expect.stringContaining('usb-mtp'),
      hint: expect.stringContaining('snapshot: none'),
    });
    expect(await templatesOf(host)).toEqual([]);
  });
});

async function runningMachines(): Promise<number> {
  const { leases } = await host.leases.list();
  const counts = await Promise.all(leases.map(({ record }) => processesOf(record.id)));
  return counts.flat().length;
}

describe('a snapshot inside the image', () => {
  const disk = () => join(folder, 'disk.qcow2');

  async function makeImage(content: string): Promise<void> {
    const raw = join(folder, 'raw');
    await writeFile(raw, Buffer.alloc(4 * MIB, content));
    await run('qemu-img', ['convert', '-O', 'qcow2', raw, disk()]);
  }

  test('of a shut-down machine: the template boots from its disk, not from the current one', async () => {
    await makeImage('then');
    await run('qemu-img', ['snapshot', '-c', 'base', disk()]);
    await run('qemu-io', ['-c', 'write -P 0x4e 0 512', disk()]);
    const target = await tinyTarget({ image: disk() }, { snapshot: 'base' });
    expect((await check(target)).cleanState).toBe(
      "live template of the image's snapshot base, made on first use",
    );
    await prepare(target, host);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'head -c 4 /dev/vda')).toBe('then');

    const now = await tinyTarget({ image: disk() }, { snapshot: 'none' });
    expect((await check(now)).cleanState).toBe('disk overlay, cold boot (snapshot: none)');
    const cold = await running(now, host);
    expect(await sh(cold.machine, 'head -c 4 /dev/vda')).toBe('NNNN');
  });

  test('boots cold from the disk in it when the machine cannot be saved', async () => {
    await makeImage('then');
    await run('qemu-img', ['snapshot', '-c', 'base', disk()]);
    await run('qemu-io', ['-c', 'write -P 0x4e 0 512', disk()]);
    const shared = join(folder, 'shared');
    await mkdir(shared);
    const args = ['-virtfs', `local,path=${shared},mount_tag=s,security_model=none`];
    const target = await tinyTarget({ image: disk(), args }, { snapshot: 'base' });
    expect(await check(target)).toMatchObject({
      needsPrepare: true,
      cleanState: 'overlay of the disk in snapshot base, cold boot (a folder is shared (9p))',
    });
    expect(await boots(target)).toBe(0);
    expect((await check(target)).needsPrepare).toBe(false);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'head -c 4 /dev/vda')).toBe('then');
  });

  test('of a running machine: it is woken, not booted', async () => {
    await makeImage('disk');
    // The machine that took it had the very command line that vmtest uses, but plain memory.
    const recorder = await tinyTarget({ image: disk() }, { snapshot: 'none' });
    await takeSnapshot(recorder, disk());
    const target = await tinyTarget({ image: disk() }, { snapshot: 'awake' });
    await prepare(target, host);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'cat /tmp/mark')).toBe('set before the snapshot');
    expect(await sh(machine, 'head -c 4 /dev/vda')).toBe('disk');
  });

  test('of a running machine, in an image that lies on another by a relative name', async () => {
    await makeImage('disk');
    await rename(disk(), join(folder, 'base.qcow2'));
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', disk()]);
    await takeSnapshot(await tinyTarget({ image: disk() }, { snapshot: 'none' }), disk());
    const target = await tinyTarget({ image: disk() }, { snapshot: 'awake' });
    await prepare(target, host);
    const { machine } = await running(target, host);
    expect(await sh(machine, 'cat /tmp/mark; head -c 4 /dev/vda')).toBe('set before the snapshot\ndisk');
  });

  test('of a running machine of another kind is refused with what to do', async () => {
    await makeImage('disk');
    await takeSnapshot(await tinyTarget({ image: disk() }, { snapshot: 'none' }), disk());
    const target = await tinyTarget({ image: disk() }, { snapshot: 'awake', memory: 160 * MIB });
    await expect(prepare(target, host)).rejects.toMatchObject({
      code: 'QEMU_STATE_INCOMPATIBLE',
      hint: expect.stringContaining('without memory'),
    });
    expect(await templatesOf(host)).toEqual([]);
  });

  test('that does not exist is named with those that do', async () => {
    await makeImage('disk');
    await run('qemu-img', ['snapshot', '-c', 'clean-install', disk()]);
    await run('qemu-img', ['snapshot', '-c', 'after', disk()]);
    const target = await tinyTarget({ image: disk() }, { snapshot: 'clean-instal' });
    expect((await check(target)).problems).toEqual([
      {
        code: 'QEMU_SNAPSHOT_MISSING',
        message: 'the image has no snapshot called clean-instal',
        hint: expect.stringMatching(/Nearest: `snapshot: clean-install`.*clean-install, after/),
      },
    ]);
  });
});

/** Starts the image itself with the driver's command line, and saves it as `awake` when the guest is up. */
async function takeSnapshot(target: BaseTarget, image: string): Promise<void> {
  const { makePlan } = await import('../../../drivers/qemu/plan.ts');
  const { commandLine } = await import('../../../drivers/qemu/command-line.ts');
  const { startQemu } = await import('../../../drivers/qemu/process.ts');
  const { QemuMachine } = await import('../../../drivers/qemu/machine.ts');
  const { plan } = await makePlan(target, { host, signal: soon() }, 'again');
  if (!plan) throw new Error('no plan');
  const files = {
    name: 'vmtest-recorder',
    disk: { path: image, below: [] },
    qmp: join(folder, 'qmp'),
    agent: join(folder, 'agent'),
    console: join(folder, 'console'),
    consoleLog: join(folder, 'log'),
    guestPort: 22,
  };
  const argv = commandLine(plan.programs.system.path, plan.spec, files);
  const process = await startQemu(host, argv, files.qmp, soon());
  const machine = new QemuMachine({ plan, process, files, clean: { identity: '', facts: {} } });
  await machine.start(soon());
  await sh(machine, 'echo set before the snapshot >/tmp/mark');
  const said = await process.qmp.execute('human-monitor-command', { 'command-line': 'savevm awake' });
  expect(said).toBe('');
  await machine.quit(soon());
  await machine.stop(0);
}
