/** Snapshots and clones by the control, over the stand-in for vmrun. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import { contextOf, found, snapshotOf, targetFor, type Vmware, vmware } from './support.ts';

let engine: Vmware;
beforeAll(async () => {
  engine = await vmware();
});

describe('names', () => {
  const hostile = [`it's "quoted"`, '-snapshot=x', 'ünï スナップ', '100% $HOME', 'a b  c'];

  test('whatever is in them, they are found and restored, with what the files tell', async () => {
    const vmx = await engine.newVm('names & "signs"');
    await engine.snapshot(vmx, ...hostile);
    const context = contextOf(engine, targetFor(vmx));
    const vm = await found(vmx, context);
    expect(vm).toMatchObject({
      id: vmx,
      name: 'names & "signs"',
      state: 'off',
      cpus: 1,
      memory: 128 * 1024 ** 2,
    });
    expect(vm.problems).toEqual([]);
    // Each was made on the one before.
    expect(vm.snapshots.map(({ path }) => path)).toEqual(
      hostile.map((_name, index) => hostile.slice(0, index + 1).join('/')),
    );
    expect(new Set(vm.snapshots.map(({ stamp }) => stamp)).size).toBe(hostile.length);
    for (const snapshot of vm.snapshots) await vmwareControl.restore(vm, snapshot, context);
    expect(await vmwareControl.state(vm, context)).toBe('off');
  });

  test('those that vmrun cannot be told are a problem, before anything is done', async () => {
    const vmx = await engine.newVm('unsayable');
    await engine.snapshot(vmx, 'clean', 'a/b', 'clean');
    const slash = targetFor(vmx, { snapshot: 'a/b' });
    const vm = await found(vmx, contextOf(engine, slash));
    expect(await vmwareControl.problems?.(vm, contextOf(engine, slash))).toMatchObject([
      { code: 'VMWARE_SNAPSHOT_NAME' },
    ]);
    const [root] = vm.snapshots;
    const context = contextOf(engine, targetFor(vmx));
    expect(await vmwareControl.problems?.(vm, context)).toMatchObject([{ code: 'VMWARE_SNAPSHOT_NAME' }]);
    // And vmrun would indeed not know which.
    await expect(vmwareControl.restore(vm, root as never, context)).rejects.toThrow('not unique');
  });

  test('a snapshot that is gone by now', async () => {
    const vmx = await engine.newVm('gone');
    await engine.snapshot(vmx, 'clean');
    const context = contextOf(engine, targetFor(vmx));
    const vm = await found(vmx, context);
    const snapshot = snapshotOf(vm, 'clean');
    await engine.vmrun('deleteSnapshot', vmx, 'clean');
    await expect(vmwareControl.restore(vm, snapshot, context)).rejects.toMatchObject({
      code: 'VMWARE_SNAPSHOT_MISSING',
    });
    const request = {
      snapshot,
      name: 'vmtest-x',
      folder: join(engine.vms, 'gone-clone'),
      note: async () => {},
    };
    await expect(vmwareControl.clone?.(vm, request, context)).rejects.toMatchObject({
      code: 'VMWARE_SNAPSHOT_MISSING',
    });
  });
});

test('one with memory leaves the VM suspended, and is not cloned', async () => {
  const vmx = await engine.newVm('live');
  await engine.snapshot(vmx, 'off');
  await engine.liveSnapshot(vmx, 'on');
  const context = contextOf(engine, targetFor(vmx));
  const vm = await found(vmx, context);
  expect(vm.snapshots.map(({ path, live }) => [path, live])).toEqual([
    ['off', false],
    ['off/on', true],
  ]);
  const [off, on] = [snapshotOf(vm, 'off'), snapshotOf(vm, 'off/on')];
  expect(await vmwareControl.whyNoClone?.(vm, off, context)).toBeUndefined();
  expect(await vmwareControl.whyNoClone?.(vm, on, context)).toContain('while the VM was off');

  await vmwareControl.restore(vm, on, context);
  expect(await vmwareControl.state(vm, context)).toBe('saved');
  // As a sweep does it, after a run that was killed before the start.
  await vmwareControl.powerOff(vm, context);
  expect(await vmwareControl.state(vm, context)).toBe('off');
  await vmwareControl.restore(vm, on, context);
  await vmwareControl.start(vm, context);
  expect(await vmwareControl.state(vm, context)).toBe('running');
  // It goes on where it was, with its Tools up, instead of booting.
  expect((await engine.vmrun('checkToolsState', vmx)).trim()).toBe('running');
  await vmwareControl.powerOff(vm, context);
  await vmwareControl.restore(vm, off, context);
  expect(await vmwareControl.state(vm, context)).toBe('off');

  engine.setFaults('auto-resume');
  await vmwareControl.restore(vm, on, context);
  await vmwareControl.start(vm, context);
  expect(await vmwareControl.state(vm, context)).toBe('running');
  await vmwareControl.powerOff(vm, context);
  engine.setFaults();
});

test('a clone asks nothing, lies in its folder, and leaves nothing', async () => {
  const vmx = await engine.newVm('parent');
  await engine.snapshot(vmx, 'clean');
  const context = contextOf(engine, targetFor(vmx));
  const vm = await found(vmx, context);
  const lease = await engine.host.leases.begin({ run: 'r', engine: 'vmware', target: 't', cell: 't' });
  const name = `vmtest-${lease.record.id}`;
  const folder = join(lease.record.folder, 'clone');
  const request = { snapshot: snapshotOf(vm, 'clean'), name, folder, note: async () => {} };
  const clone = await vmwareControl.clone?.(vm, request, context);
  if (!clone) throw new Error('no clone');
  expect(clone).toEqual({ id: join(folder, `${name}.vmx`), name });
  expect(await readFile(clone.id, 'utf8')).toContain('uuid.action = "create"');
  expect(await found(name, context)).toMatchObject({ id: clone.id, state: 'off', snapshots: [] });

  const plan = { consoleLog: join(engine.vms, 'console.log'), folder: lease.record.folder };
  expect(await vmwareControl.arrange?.(clone, plan, context)).toEqual({ consoleLog: true });
  // A person's VM stays as it is.
  const before = await readFile(vmx, 'utf8');
  expect(await vmwareControl.arrange?.(vm, { folder: plan.folder }, context)).toEqual({ consoleLog: false });
  expect(await readFile(vmx, 'utf8')).toBe(before);

  await vmwareControl.remove?.(name, context, []);
  await vmwareControl.remove?.(name, context, []);
  expect(await vmwareControl.find(name, context)).toBeUndefined();
  await lease.end();
});
