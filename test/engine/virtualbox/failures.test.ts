/** What goes wrong with VirtualBox, and what a person is told: over the stand-in. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualBoxControl } from '../../../drivers/virtualbox/control.ts';
import type { VmSnapshot } from '../../../drivers/vm/control.ts';
import { createVmDriver } from '../../../drivers/vm/create-driver.ts';
import { connectAgent } from '../../../src/guest/agent/connect.ts';
import type { Host } from '../../../src/host/host.ts';
import { sh } from '../../support/guest-run.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';
import { makeVm, type StandInVm, VM } from './stand-in-vm.ts';

const never = new AbortController().signal;
const control = createVirtualBoxControl();
const driver = createVmDriver(control);
let made: StandInVm;

beforeAll(async () => {
  made = await makeVm();
});

afterEach(async () => {
  made.standIns.setFaults();
  await made.standIns.killLeftovers();
});

function target(options: object = {}, more: Parameters<typeof targetOf>[2] = {}) {
  return targetOf(
    'virtualbox',
    { vm: VM, clone: 'linked', 'if-running': 'fail', ...options },
    { guest: made.guest, ...more },
  );
}

/** A context for the control's verbs, and the VM. */
async function vm(about = target(), signal = never) {
  const context = { host: made.host, target: about, signal };
  const found = await control.find(VM, { ...context, signal: never });
  if (!found) throw new Error('the VM is not there');
  return { context, found };
}

async function problems(...args: Parameters<typeof target>) {
  return (await driver.check(target(...args), { host: made.host, signal: never })).problems;
}

test('a list that comes empty is no reason to give a clone up as gone', async () => {
  const { context, found } = await vm();
  const name = 'vmtest-listless';
  const snapshot = found.snapshots[0] as VmSnapshot;
  await control.clone?.(
    found,
    { snapshot, name, folder: await scratchFolder(), note: async () => {} },
    context,
  );
  expect(await control.find(name, context)).toBeDefined();
  const mute: Host = {
    ...made.host,
    exec: (argv, options) => made.host.exec(argv.includes('list') ? ['true'] : argv, options),
  };
  await control.remove?.(name, { ...context, host: mute }, []);
  expect(await control.find(name, context)).toBeUndefined();
});

describe('before a run', () => {
  test('a VM that is not there: the nearest name', async () => {
    expect(await problems({ vm: 'tiny VM' })).toEqual([
      expect.objectContaining({ code: 'VM_MISSING', hint: expect.stringContaining(VM) }),
    ]);
  });

  test('a snapshot that is not there: the nearest name', async () => {
    expect(await problems({}, { snapshot: 'claen' })).toEqual([
      expect.objectContaining({ code: 'SNAPSHOT_MISSING', hint: expect.stringContaining('clean') }),
    ]);
  });

  test('a VM that runs, and would have to be restored', async () => {
    await made.manage('startvm', VM, '--type', 'headless');
    expect(await problems({ clone: 'none' })).toEqual([expect.objectContaining({ code: 'VM_RUNNING' })]);
    expect(await problems({ clone: 'linked' })).toEqual([]);
  });

  test('Additions as the only way in, and no password; or Windows', async () => {
    const guest = { user: 'root', channel: 'agent' as const };
    expect(await problems({}, { guest })).toMatchObject([{ code: 'VIRTUALBOX_AGENT_PASSWORD' }]);
    const windows = { guest: { ...guest, password: 'x' }, os: 'windows' as const };
    expect(await problems({}, windows)).toMatchObject([{ code: 'VIRTUALBOX_AGENT_WINDOWS' }]);
  });

  test('a kernel driver that is not loaded', async () => {
    made.standIns.setFaults('no-driver');
    const probe = await driver.probe({ host: made.host, signal: never });
    expect(probe).toMatchObject({ available: false, version: '7.2.22' });
    expect(probe.findings.join()).toContain('vboxdrv');
    expect(probe.fixes.join()).toContain('vboxconfig');
    // The warning before every answer is not taken for a part of it.
    expect(await problems()).toEqual([]);
  });

  test('a command that does not end', async () => {
    made.standIns.setFaults('hang');
    const signal = AbortSignal.timeout(500);
    const check = driver.check(target(), { host: made.host, signal });
    expect(await check.catch((error: unknown) => error)).toBe(signal.reason);
  });
});

describe('at the start', () => {
  test('VirtualBox gives up: its words, and where to look', async () => {
    const { found, context } = await vm();
    made.standIns.setFaults('start-fails');
    await expect(control.start(found, context)).rejects.toMatchObject({
      code: 'VIRTUALBOX_START_FAILED',
      hint: expect.stringContaining('VBox.log'),
    });
    made.standIns.setFaults('no-driver');
    await expect(control.start(found, context)).rejects.toMatchObject({ code: 'VIRTUALBOX_NO_DRIVER' });
  });

  test('the port is taken: the VM is off again, and another try may help', async () => {
    const { found, context } = await vm();
    const folder = made.standIns.state;
    await control.arrange?.(found, { consoleLog: join(folder, 'console.log'), folder }, context);
    made.standIns.setFaults('port-taken');
    await expect(control.start(found, context)).rejects.toMatchObject({
      code: 'VIRTUALBOX_PORT_TAKEN',
      retryable: true,
    });
    expect(await control.state(found, context)).toBe('off');
  });
});

test('another process has the VM: busy, and what to close', async () => {
  const { found, context } = await vm();
  await made.manage('startvm', VM, '--type', 'headless');
  const error: unknown = await control.start(found, context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'VIRTUALBOX_LOCKED', hint: expect.any(String) });
  expect(control.isBusy(error)).toBe(true);
});

test('a lock that lingers after the power-off is waited for', async () => {
  const { found, context } = await vm();
  await made.manage('startvm', VM, '--type', 'headless');
  made.standIns.setFaults('linger');
  await control.powerOff(found, context);
  const [snapshot] = found.snapshots;
  if (!snapshot) throw new Error('the VM has a snapshot');
  await control.restore(found, snapshot, context);
  expect(await control.state(found, context)).toBe('off');
});

test('a saved VM is dropped, and no more than that', async () => {
  const { found, context } = await vm();
  await made.manage('adoptstate', VM, '/nowhere.sav');
  expect(await control.state(found, context)).toBe('saved');
  await control.powerOff(found, context);
  expect(await control.state(found, context)).toBe('off');
});

test('the Guest Additions: not ready, wrong password, then commands as on any way in', async () => {
  const { found, context } = await vm();
  made.standIns.setFaults('slow-additions');
  await made.manage('startvm', VM, '--type', 'headless');
  const link = await control.agent?.(found, { ...context, folder: await scratchFolder() });
  if (!link) throw new Error('VirtualBox has an agent');
  await expect(link.ping(never)).rejects.toMatchObject({ code: 'GUEST_NOT_READY', retryable: true });
  const credentials = { user: 'root', password: 'tiny' };
  const channel = await connectAgent(link, { credentials, os: 'linux' }, AbortSignal.timeout(120_000));
  expect(await sh(channel, `echo "out é"; id -un; exit 200`)).toEqual({
    exitCode: 200,
    stdout: 'out é\nroot\n',
  });
  await channel.close();
  const wrong = { ...context, target: target({}, { guest: { ...made.guest, password: 'wrong' } }) };
  const refused = await control.agent?.(found, { ...wrong, folder: await scratchFolder() });
  await expect(refused?.ping(never)).rejects.toMatchObject({ code: 'GUEST_LOGIN_REFUSED', retryable: false });
});

test('without VBoxManage: what to install', async () => {
  await rm(join(made.standIns.bin, 'VBoxManage'));
  const probe = await driver.probe({ host: made.host, signal: never });
  expect(probe).toMatchObject({ available: false, findings: ['VBoxManage was not found'] });
  expect(probe.fixes.join()).toContain('Install VirtualBox');
  await expect(driver.check(target(), { host: made.host, signal: never })).rejects.toMatchObject({
    code: 'VIRTUALBOX_MISSING',
  });
});
