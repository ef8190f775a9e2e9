/** What `check` and `open` of the driver say when something is wrong, over the stand-in for vmrun. */
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { BaseTarget } from '../../../matrix/model.ts';
import { open } from '../../support/guest-run.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetFor, type Vmware, vmware, vmwareDriver } from './support.ts';

let engine: Vmware;
let vmx: string;
const never = new AbortController().signal;

beforeAll(async () => {
  engine = await vmware();
  vmx = await engine.newVm('debian-12');
  await engine.snapshot(vmx, 'base', 'clean');
});

async function problems(target: BaseTarget) {
  const { problems: all } = await vmwareDriver.check(target, { host: engine.host, signal: never });
  return all;
}

/** A home whose folder of VMs has those of the stand-in, by links. */
async function home(...files: string[]): Promise<string> {
  const folder = await scratchFolder();
  for (const [index, file] of files.entries()) {
    await mkdir(join(folder, 'vmware', String(index)), { recursive: true });
    await symlink(file, join(folder, 'vmware', String(index), 'linked.vmx'));
    await writeFile(join(folder, 'vmware', String(index), 'note.txt'), '');
  }
  await mkdir(join(folder, '.vmware'));
  const entries = files.map((file, index) => `vmlist${index}.config = "${file}"\n`).join('');
  await writeFile(join(folder, '.vmware', 'inventory.vmls'), entries);
  vi.stubEnv('HOME', folder);
  return folder;
}

describe('names', () => {
  test('of the library are found, and the nearest is told for one that is not', async () => {
    await home(vmx);
    expect(await problems(targetFor('debian-12'))).toEqual([]);
    expect(await problems(targetFor('debain-12'))).toEqual([
      { code: 'VM_MISSING', message: 'vmware has no VM "debain-12"', hint: 'did you mean `debian-12`?' },
    ]);
    vi.unstubAllEnvs();
  });

  test('that two VMs have are a problem', async () => {
    const other = join(engine.vms, 'elsewhere', 'debian-12.vmx');
    await engine.host.exec(['vmware-gui', 'new', other, 'debian-12']);
    await home(vmx, other);
    expect(await problems(targetFor('debian-12'))).toMatchObject([
      { code: 'VMWARE_VM_AMBIGUOUS', hint: expect.stringContaining(other) },
    ]);
    vi.unstubAllEnvs();
  });

  test('a bundle, a link and the file itself are one VM', async () => {
    const link = join(engine.vms, 'link.vmx');
    await symlink(vmx, link);
    for (const path of [vmx, link, join(engine.vms, 'debian-12')]) {
      expect(await problems(targetFor(path))).toEqual([]);
      const check = await vmwareDriver.check(
        { ...targetFor(path), options: { ...targetFor(path).options, clone: 'none' } },
        { host: engine.host, signal: never },
      );
      expect(check.exclusive).toBe(`vmware:${vmx}`);
    }
  });

  test('of a snapshot: the nearest is told, and any end of its path does', async () => {
    expect(await problems(targetFor(vmx, { snapshot: 'cleen' }))).toMatchObject([
      { code: 'SNAPSHOT_MISSING', hint: 'did you mean `clean`?' },
    ]);
    expect(await problems(targetFor(vmx, { snapshot: 'base/clean' }))).toEqual([]);
    expect(await problems(targetFor(vmx, { snapshot: 'none' }))).toMatchObject([
      { code: 'VM_NEEDS_SNAPSHOT' },
    ]);
  });
});

test('a VM that runs is not touched', async () => {
  await engine.vmrun('start', vmx, 'nogui');
  const inPlace = { ...targetFor(vmx), options: { ...targetFor(vmx).options, clone: 'none' } };
  expect(await problems(inPlace)).toMatchObject([{ code: 'VM_RUNNING' }]);
  // Clones lie on its snapshot, which does not change.
  expect(await problems(targetFor(vmx))).toEqual([]);
  await engine.vmrun('stop', vmx, 'hard');
});

test('ways in: the agent needs a password, and a POSIX guest', async () => {
  const access = async (target: BaseTarget) =>
    (await vmwareDriver.check(target, { host: engine.host, signal: never })).access;
  expect(await access(targetFor(vmx))).toEqual(['ssh', 'agent']);
  expect(await access(targetFor(vmx, { os: 'windows' }))).toEqual(['ssh']);
  expect(await access(targetFor(vmx, { guest: { password: '' } }))).toEqual(['ssh']);
  const agent = { channel: 'agent' as const };
  expect(await problems(targetFor(vmx, { guest: { ...agent, password: '' } }))).toMatchObject([
    { code: 'VMWARE_NO_GUEST_PASSWORD' },
  ]);
  expect(await problems(targetFor(vmx, { os: 'windows', guest: agent }))).toMatchObject([
    { code: 'CHANNEL_UNSUPPORTED' },
  ]);
});

test('a guest without an address is waited for as long as the signal lets it, and taken away', async () => {
  engine.setFaults('no-address');
  const driven = { driver: vmwareDriver, target: targetFor(vmx), host: engine.host };
  const { machine, lease } = await open(driven);
  await machine.start(never);
  const reason = new Error('no address in time');
  const abort = new AbortController();
  const waiting = machine.access('ssh', abort.signal);
  setTimeout(() => abort.abort(reason), 3_000);
  await expect(waiting).rejects.toBe(reason);
  engine.setFaults();
  await machine.stop(0);
  await machine.release();
  await lease.end();
  expect(await engine.leftovers()).toEqual([]);
});

describe('the program', () => {
  const program = async (name: string, script: string) => {
    const path = join(await scratchFolder(), name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    const target = targetFor(vmx);
    return { ...target, options: { ...target.options, vmrun: path } };
  };
  const check = (target: BaseTarget, signal = never) =>
    vmwareDriver.check(target, { host: engine.host, signal });

  test('that is another one', async () => {
    await expect(check(await program('other', 'echo hello'))).rejects.toMatchObject({
      code: 'VMWARE_MISSING',
      hint: expect.stringContaining('`vmrun`'),
    });
  });

  test('that talks nonsense', async () => {
    const script = 'test $# = 0 && echo "vmrun version 1.17.0 build-1"; echo "who knows"';
    await expect(check(await program('nonsense', script))).rejects.toMatchObject({
      code: 'VMWARE_ANSWER_UNKNOWN',
      details: expect.stringContaining('who knows'),
    });
  });

  test('that hangs is ended with the signal', async () => {
    const script = 'test $# = 0 && echo "vmrun version 1.17.0 build-1" && exit; exec sleep 4712';
    const abort = new AbortController();
    const checking = check(await program('hangs', script), abort.signal);
    setTimeout(() => abort.abort(new Error('cut')), 1_500);
    await expect(checking).rejects.toThrow('cut');
  });

  test('that is not there', async () => {
    // Last: the others need it.
    await rm(join(engine.bin, 'vmrun'));
    // One of which nothing is known yet.
    const host = { ...engine.host, paths: { ...engine.host.paths } };
    expect(await vmwareDriver.probe({ host, signal: never })).toMatchObject({
      available: false,
      fixes: [expect.stringContaining('Install')],
    });
    await expect(vmwareDriver.check(targetFor(vmx), { host, signal: never })).rejects.toMatchObject({
      code: 'VMWARE_MISSING',
    });
  });
});
