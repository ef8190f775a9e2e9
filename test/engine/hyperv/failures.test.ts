/** What goes wrong on hosts, from the scripts up to the driver's words. */
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { hypervControl } from '../../../drivers/hyperv/control.ts';
import { hypervDriver } from '../../../drivers/hyperv/driver.ts';
import { runScript } from '../../../drivers/hyperv/run-script.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import { provisionVm, takeOffline } from '../../standins/powershell/hyperv/provision.ts';
import type { Vm } from '../../standins/powershell/hyperv/state.ts';
import { connected, gone, open } from '../../support/guest-run.ts';
import { type HypervHost, hypervHost } from '../../support/hyperv.ts';

let hyperv: HypervHost;
let target: BaseTarget;
let vm: Vm;
const never = new AbortController().signal;

beforeAll(async () => {
  hyperv = await hypervHost();
  vm = await provisionVm(hyperv.standIns.state, 'tiny');
  await takeOffline(hyperv.standIns.state, vm, 'clean');
  target = hyperv.target('tiny');
});

afterEach(() => hyperv.standIns.setFaults());

const context = () => ({ host: hyperv.standIns.host, signal: never });
const driven = () => ({ driver: hypervDriver, host: hyperv.standIns.host, target });
const probe = () => hypervDriver.probe(context());
const find = (name: string) => hypervControl.find(name, { ...context(), target });
const state = () => hypervControl.state(vm, { ...context(), target });

test('a host without the module, the service or the rights is told so', async () => {
  expect(await probe()).toMatchObject({ available: true, version: '2.0.0.0' });
  hyperv.standIns.setFaults('no-module');
  expect(await probe()).toMatchObject({
    available: false,
    fixes: [expect.stringContaining('Enable-'), expect.any(String)],
  });
  await expect(find('tiny')).rejects.toMatchObject({ code: 'HYPERV_MODULE_MISSING' });
  hyperv.standIns.setFaults('no-service');
  expect(await probe()).toMatchObject({ available: false, fixes: ['Start-Service vmms'] });
  hyperv.standIns.setFaults('no-rights');
  expect(await probe()).toMatchObject({ available: false, fixes: [expect.stringContaining('S-1-5-32-578')] });
  // Listing VMs without rights is no error to Hyper-V: there are just none.
  await expect(find('tiny')).rejects.toMatchObject({
    code: 'HYPERV_NO_RIGHTS',
    hint: expect.stringContaining('elevated'),
  });
  await expect(state()).rejects.toMatchObject({ code: 'HYPERV_NO_RIGHTS' });
});

test('a host without PowerShell, or one that may run no scripts', async () => {
  const { bin, setFaults } = hyperv.standIns;
  setFaults('forbidden');
  expect(await probe()).toMatchObject({
    available: false,
    findings: [expect.stringContaining('policy forbids')],
  });
  await rename(join(bin, 'pwsh'), join(bin, 'away'));
  expect(await probe()).toEqual({ available: false, findings: ['Hyper-V is a part of Windows'], fixes: [] });
  await expect(state()).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
  await rename(join(bin, 'away'), join(bin, 'pwsh'));
});

test('an answer that breaks off is none', async () => {
  hyperv.standIns.setFaults('cut');
  await expect(state()).rejects.toMatchObject({ code: 'HYPERV_LOOK_FAILED', retryable: true });
});

test('a PowerShell that hangs is ended, at its deadline and when nobody wants to know any more', async () => {
  hyperv.standIns.setFaults('hangs');
  const { host } = hyperv.standIns;
  const run = { host, signal: never, doing: 'waiting', code: 'HYPERV_X', timeout: 1_000 };
  await expect(runScript('state', { id: vm.id }, run)).rejects.toMatchObject({
    code: 'TIMEOUT',
    retryable: true,
  });
  const abort = new AbortController();
  const asked = hypervControl.state(vm, { host, target, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 300);
  await expect(asked).rejects.toThrow('enough');
});

test('names with a meaning to PowerShell are names', async () => {
  const names = [
    "it's",
    '$(throw "x")',
    '`n',
    '%PATH%',
    '-Force',
    'naïve 💿',
    'a"b',
    '*',
    'ti?y',
    '[t]iny',
    '2024-05-01T10:00:00',
  ];
  for (const name of names) expect(await find(name)).toBeUndefined();
  for (const name of names) await provisionVm(hyperv.standIns.state, name);
  for (const name of names) expect(await find(name)).toMatchObject({ name, problems: [] });
  expect(await find(vm.id.toUpperCase())).toMatchObject({ name: 'tiny' });
});

test('a VM, and a checkpoint, that are not there get the nearest names', async () => {
  const problems = async (of: BaseTarget) => (await hypervDriver.check(of, context())).problems;
  expect(await problems(hyperv.target('tiy'))).toMatchObject([
    { code: 'VM_MISSING', hint: expect.stringContaining('tiny') },
  ]);
  expect(await problems(hyperv.target('tiny', {}, { snapshot: 'claen' }))).toMatchObject([
    { code: 'SNAPSHOT_MISSING', hint: expect.stringContaining('clean') },
  ]);
  await provisionVm(hyperv.standIns.state, 'twin');
  await provisionVm(hyperv.standIns.state, 'twin', { adapters: [] });
  expect((await problems(hyperv.target('twin'))).map(({ code }) => code)).toContain('HYPERV_VM_AMBIGUOUS');
});

test('a VM with a virtual TPM has no clones', async () => {
  const guarded = await provisionVm(hyperv.standIns.state, 'guarded', { tpm: true });
  await takeOffline(hyperv.standIns.state, guarded, 'clean');
  const { notes, cleanState } = await hypervDriver.check(hyperv.target('guarded'), context());
  expect(notes.join()).toContain('virtual TPM');
  expect(cleanState).toContain('restored in the VM itself');
});

test('a suspended VM is in use, unless it may be reset', async () => {
  const asleep = await provisionVm(hyperv.standIns.state, 'asleep', { tpm: true, state: 'Saved' });
  await takeOffline(hyperv.standIns.state, asleep, 'clean');
  const { problems } = await hypervDriver.check(hyperv.target('asleep'), context());
  expect(problems).toMatchObject([{ code: 'VM_RUNNING', message: expect.stringContaining('is suspended') }]);
  const reset = { ...driven(), target: hyperv.target('asleep', { 'if-running': 'reset' }) };
  await gone(await open(reset));
  expect(await hypervControl.state(asleep, { ...context(), target })).toBe('off');
});

test('a VM that is gone has no state and need not be powered off; its checkpoint cannot be restored', async () => {
  const ref = { id: '00000000-1111-2222-3333-444444444444', name: 'gone' };
  const of = { ...context(), target };
  expect(await hypervControl.state(ref, of)).toBeUndefined();
  await hypervControl.powerOff(ref, of);
  await hypervControl.remove?.('vmtest-00000000', of, []);
  await expect(hypervControl.start(ref, of)).rejects.toMatchObject({ code: 'HYPERV_VM_MISSING' });
  const snapshot = { id: ref.id, name: 'x', path: 'x', live: false, stamp: '' };
  await expect(hypervControl.restore(ref, snapshot, of)).rejects.toMatchObject({
    code: 'HYPERV_CHECKPOINT_MISSING',
  });
  await expect(hypervControl.shutdown(vm, of)).rejects.toMatchObject({ code: 'HYPERV_NO_SHUTDOWN_SERVICE' });
  await expect(hypervControl.screenshot?.(vm, '/nowhere.png', of)).rejects.toMatchObject({
    code: 'HYPERV_STATE',
  });
});

test('a host without memory starts nothing, and nothing is left', async () => {
  hyperv.standIns.setFaults('no-memory');
  const opened = await open(driven());
  await expect(opened.machine.start(never)).rejects.toMatchObject({
    code: 'HYPERV_NO_MEMORY',
    retryable: true,
  });
  await gone(opened);
  expect(await hyperv.leftovers()).toEqual([]);
});

test('a guest that never tells its address is waited for, as long as one may', async () => {
  hyperv.standIns.setFaults('no-address');
  const opened = await open(driven());
  await opened.machine.start(never);
  const reached = opened.machine.access('ssh', AbortSignal.timeout(2_500));
  await expect(reached).rejects.toMatchObject({ name: 'TimeoutError' });
  await gone(opened);
  expect(await hyperv.leftovers()).toEqual([]);
});

test('a guest that takes no key says so', async () => {
  const opened = await open(driven());
  await opened.machine.start(never);
  const other = join(opened.logs, 'key');
  await writeFile(other, await otherKey());
  await chmod(other, 0o600);
  const stranger = { ...target, guest: { ...target.guest, key: other } };
  await expect(connected({ ...driven(), target: stranger }, opened.machine)).rejects.toMatchObject({
    code: 'GUEST_AUTH_FAILED',
  });
  await gone(opened);
});

test('PowerShell Direct says what keeps it from a guest', async () => {
  const windows = { ...target, os: 'windows' as const, guest: { ...target.guest, password: 'secret' } };
  const of = { ...context(), target: windows };
  const link = await hypervControl.agent?.(vm, { ...of, folder: '' });
  const ping = () => link?.ping(never);
  await expect(ping()).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
  await hypervControl.start(vm, of);
  // The guest is a Linux, which has nothing on its end of the VM bus.
  await expect(ping()).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
  hyperv.standIns.setFaults('bad-login');
  await expect(ping()).rejects.toMatchObject({ code: 'GUEST_AUTH_FAILED', retryable: false });
  await hypervControl.powerOff(vm, of);
});

async function otherKey(): Promise<string> {
  const { default: ssh2 } = await import('ssh2');
  return ssh2.utils.generateKeyPairSync('ed25519').private;
}
