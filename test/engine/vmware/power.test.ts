/** Starting and stopping by the control, over the stand-in for vmrun with VMware's unkindnesses. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VmInfo } from '../../../drivers/vm/control.ts';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import { open } from '../../support/guest-run.ts';
import { interruptedAfter } from '../../support/interrupted-after.ts';
import { contextOf, found, snapshotOf, targetFor, type Vmware, vmware, vmwareDriver } from './support.ts';

let engine: Vmware;
let vm: VmInfo;
const context = () => contextOf(engine, targetFor(vm.id));

beforeAll(async () => {
  engine = await vmware();
  const vmx = await engine.newVm('debian');
  await engine.snapshot(vmx, 'clean');
  vm = await found(vmx, contextOf(engine, targetFor(vmx)));
});

afterEach(async () => {
  engine.setFaults();
  await vmwareControl.powerOff(vm, context());
});

test('each may come twice', async () => {
  await vmwareControl.powerOff(vm, context());
  await vmwareControl.start(vm, context());
  const session = await vmwareControl.session?.(vm, context());
  // Which would be an error by itself.
  await vmwareControl.start(vm, context());
  expect(await vmwareControl.session?.(vm, context())).toBe(session);
  await vmwareControl.powerOff(vm, context());
  expect(await vmwareControl.state(vm, context())).toBe('off');
  await vmwareControl.start(vm, context());
  expect(await vmwareControl.session?.(vm, context())).not.toBe(session);
});

test('a shutdown is asked for, and not waited for', async () => {
  await vmwareControl.start(vm, context());
  while ((await engine.vmrun('checkToolsState', vm.id)).trim() !== 'running');
  await vmwareControl.shutdown(vm, context());
  while ((await vmwareControl.state(vm, context())) !== 'off');
});

test('a refusal to shut down is told', async () => {
  engine.setFaults('no-tools');
  await vmwareControl.start(vm, context());
  await expect(vmwareControl.shutdown(vm, context())).rejects.toThrow('Tools are not running');
});

test('locks that stay for a while after a power-off are waited for by whoever retries what is busy', async () => {
  engine.setFaults('lingering-locks');
  await vmwareControl.start(vm, context());
  const error = await vmwareControl.powerOff(vm, context()).catch((thrown: unknown) => thrown);
  expect(vmwareControl.isBusy(error)).toBe(true);
  const early = await vmwareControl
    .restore(vm, snapshotOf(vm, 'clean'), context())
    .catch((thrown: unknown) => thrown);
  expect(vmwareControl.isBusy(early)).toBe(true);
  await expect
    .poll(
      () =>
        vmwareControl.powerOff(vm, context()).then(
          () => 'off',
          () => 'busy',
        ),
      { timeout: 30_000 },
    )
    .toBe('off');
  await vmwareControl.restore(vm, snapshotOf(vm, 'clean'), context());
});

test('a start that fails tells the end of the log', async () => {
  await vmwareControl.start(vm, context());
  await vmwareControl.powerOff(vm, context());
  engine.setFaults('start-fails');
  await expect(vmwareControl.start(vm, context())).rejects.toMatchObject({
    code: 'VMWARE_START_FAILED',
    message: 'starting the VM "debian" failed: Unknown error',
    details: expect.stringContaining('Log for VMware Workstation'),
  });
});

test('a failure with exit code 0 is one', async () => {
  engine.setFaults('start-fails', 'quiet-failures');
  await expect(vmwareControl.start(vm, context())).rejects.toMatchObject({ code: 'VMWARE_START_FAILED' });
});

test('a start that hangs on a question ends with its signal', async () => {
  engine.setFaults('start-hangs');
  const reason = new Error('cut');
  const abort = new AbortController();
  const starting = vmwareControl.start(vm, { ...context(), signal: abort.signal });
  setTimeout(() => abort.abort(reason), 2_000);
  await expect(starting).rejects.toBe(reason);
  expect(await engine.leftovers()).toEqual([]);
});

test('a suspended VM is saved, and goes on', async () => {
  await vmwareControl.start(vm, context());
  await engine.vmrun('suspend', vm.id);
  expect(await vmwareControl.state(vm, context())).toBe('saved');
  await vmwareControl.start(vm, context());
  expect(await vmwareControl.state(vm, context())).toBe('running');
});

test('an interrupt while a suspended VM is powered off, for which it has to run, leaves it off', async () => {
  await vmwareControl.start(vm, context());
  await engine.vmrun('suspend', vm.id);
  const { options, ...target } = targetFor(vm.id, { snapshot: 'clean' });
  const reset = { ...target, options: { ...options, clone: 'none', 'if-running': 'reset' } };
  const { host, signal } = interruptedAfter('start', engine.host);
  await expect(open({ driver: vmwareDriver, target: reset, host }, signal)).rejects.toThrow('Ctrl-C');
  expect(await vmwareControl.state(vm, context())).toBe('off');
});

describe('an encrypted VM', () => {
  test('is a problem without its password, and works with it', async () => {
    const vmx = await engine.newVm('secret', 'vm-p4ss');
    const without = targetFor(vmx);
    expect(await found(vmx, contextOf(engine, without))).toMatchObject({
      problems: [{ code: 'VMWARE_ENCRYPTED' }],
    });
    const of = (password: string) =>
      contextOf(engine, { ...without, options: { ...without.options, 'encryption-password': password } });
    await expect(vmwareControl.find(vmx, of('wrong'))).rejects.toMatchObject({
      code: 'VMWARE_ENCRYPTED',
      message: expect.not.stringContaining('wrong one'),
    });
    const secret = await found(vmx, of('vm-p4ss'));
    expect(secret.problems).toEqual([]);
    const snapshot = { id: 'x', name: 'x', path: 'x', live: false, stamp: '' };
    expect(await vmwareControl.whyNoClone?.(secret, snapshot, of('vm-p4ss'))).toContain('encrypted');
    await vmwareControl.start(secret, of('vm-p4ss'));
    expect(await vmwareControl.state(secret, of('vm-p4ss'))).toBe('running');
    await vmwareControl.powerOff(secret, of('vm-p4ss'));
  });
});
