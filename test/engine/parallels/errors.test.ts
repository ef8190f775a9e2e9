/** What a person is told when something is missing, refuses, or never ends. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createParallelsControl } from '../../../drivers/parallels/control.ts';
import type { VmContext } from '../../../drivers/vm/control.ts';
import type { Host } from '../../../src/host/host.ts';
import { makeVm, type } from '../../standins/prlctl/person.ts';
import { allVms, changeBooks } from '../../standins/prlctl/state.ts';
import { gone, open } from '../../support/guest-run.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { driver, NAME, never, type Parallels, parallelsWithVm, target, withFaults } from './support.ts';

let parallels: Parallels;

beforeAll(async () => {
  parallels = await parallelsWithVm();
});

const host = () => parallels.standIns.host;

async function problems(options: Record<string, unknown>, more: Parameters<typeof target>[1] = {}) {
  return (await driver().check(await target(options, more), { host: host(), signal: never })).problems;
}

async function clones(): Promise<string[]> {
  return (await allVms()).filter(([, { cloneOf }]) => cloneOf).map(([, { name }]) => name);
}

test('a list that comes empty is no reason to give a clone up as gone', async () => {
  const control = createParallelsControl([]);
  const context: VmContext = { host: host(), target: await target({}), signal: never };
  const found = await control.find(NAME, context);
  const snapshot = found?.snapshots.find(({ live }) => !live);
  if (!found || !snapshot) throw new Error('the VM has no snapshot to clone');
  const name = 'vmtest-listless';
  await control.clone?.(
    found,
    { snapshot, name, folder: await scratchFolder(), note: async () => {} },
    context,
  );
  expect(await clones()).toContain(name);
  const mute: Host = {
    ...host(),
    exec: (argv, options) => host().exec(argv.includes('--all') ? ['true'] : argv, options),
  };
  await control.remove?.(name, { ...context, host: mute }, []);
  expect(await control.find(name, context)).toBeUndefined();
});

describe('a target', () => {
  test('without its VM is told the nearest name', async () => {
    expect(await problems({ vm: `${NAME}!` })).toMatchObject([
      { code: 'VM_MISSING', hint: expect.stringContaining(NAME) },
    ]);
  });

  test('may name the VM by its id', async () => {
    expect(await problems({ vm: parallels.vm.toUpperCase() })).toEqual([]);
    expect(await problems({ vm: `{${parallels.vm}}` })).toEqual([]);
  });

  test('without its snapshot is told the nearest name', async () => {
    expect(await problems({}, { snapshot: 'claen' })).toMatchObject([
      { code: 'SNAPSHOT_MISSING', hint: expect.stringContaining('clean') },
    ]);
  });

  test('that insists on a clone of memory, or of a macOS guest, is told why not', async () => {
    expect(await problems({ clone: 'linked' }, { snapshot: 'live' })).toMatchObject([
      { code: 'VM_NO_CLONE', message: expect.stringContaining('only one of a stopped VM') },
    ]);
    await makeVm(parallels.standIns, 'macOS', { bundle: 'macvm' });
    await type(parallels.standIns, 'snapshot', 'macOS', '--name', 'clean');
    expect(await problems({ vm: 'macOS', clone: 'linked' })).toMatchObject([
      { code: 'VM_NO_CLONE', message: expect.stringContaining('macOS guests') },
    ]);
  });

  test('with two VMs of its name is told their ids', async () => {
    const ids = [await makeVm(parallels.standIns, 'twin'), await makeVm(parallels.standIns, 'twin')];
    const found = await problems({ vm: 'twin' }, { snapshot: 'none' });
    const ambiguous = found.find(({ code }) => code === 'PARALLELS_VM_AMBIGUOUS');
    for (const id of ids) expect(ambiguous?.hint).toContain(id);
  });
});

describe('the engine', () => {
  const probe = () => driver().probe({ host: { ...host() }, signal: never });

  test('says its version and edition', async () => {
    expect(await probe()).toMatchObject({
      available: true,
      version: '26.4.1',
      findings: ['prlctl 26.4.1', 'edition: pro'],
    });
  });

  test('of an edition without a command line is none', async () => {
    withFaults(parallels.standIns, 'standard-edition');
    expect(await probe()).toMatchObject({ available: false, fixes: [expect.stringContaining('Pro')] });
  });

  test('whose service is down says how to start it', async () => {
    withFaults(parallels.standIns, 'service-down');
    expect(await probe()).toMatchObject({
      available: false,
      findings: [expect.stringContaining('does not answer')],
      fixes: [expect.stringContaining('Open Parallels Desktop')],
    });
  });
});

describe('a machine', () => {
  test('that does not come up although its start succeeds is told so, and is taken away', async () => {
    const cell = { driver: driver(), host: host(), target: await target({}) };
    const opened = await open(cell);
    withFaults(parallels.standIns, 'start-fails');
    await expect(opened.machine.start(never)).rejects.toMatchObject({
      code: 'PARALLELS_START_FAILED',
      retryable: true,
      hint: expect.stringContaining('dialog'),
    });
    await gone(opened);
    expect(await clones()).toEqual([]);
  });

  test('whose snapshot vanishes after the check is told so', async () => {
    const control = createParallelsControl([]);
    const context: VmContext = { host: host(), target: await target({}), signal: never };
    const vm = await control.find(NAME, context);
    const [snapshot] = vm?.snapshots ?? [];
    if (!vm || !snapshot) throw new Error('no VM, no snapshot');
    const missing = { ...snapshot, id: '{00000000-0000-0000-0000-000000000000}' };
    await expect(control.restore(vm, missing, context)).rejects.toMatchObject({
      code: 'PARALLELS_SNAPSHOT_MISSING',
    });
  });

  test('that vanishes is noticed', async () => {
    const control = createParallelsControl([]);
    const context: VmContext = { host: host(), target: await target({}), signal: never };
    expect(await control.state({ id: '{0}', name: 'none' }, context)).toBeUndefined();
    await control.powerOff({ id: '{0}', name: 'none' }, context);
    await control.remove?.('vmtest-nothing', context, []);
    // Between the list and the look at it.
    const fleeting: Host = {
      ...host(),
      exec: (argv, options) => {
        const [program, ...words] = argv;
        const isLook = words.includes('--info');
        return host().exec(
          isLook ? [program, ...words.map((word) => (word.startsWith('{') ? '{0}' : word))] : argv,
          options,
        );
      },
    };
    expect(await control.find(NAME, context)).toBeDefined();
    expect(await control.find(NAME, { ...context, host: fleeting })).toBeUndefined();
    await expect(control.start({ id: '{0}', name: 'none' }, context)).rejects.toMatchObject({
      code: 'PARALLELS_VM_MISSING',
    });
  });

  test('leaves no clone when it is given up in the middle of making one', async () => {
    const cell = { driver: driver(), host: host(), target: await target({}) };
    const abort = new AbortController();
    // The lease names the clone just before it is made.
    const begin = cell.host.leases.begin;
    cell.host.leases.begin = async (lease) => {
      const begun = await begin(lease);
      return {
        ...begun,
        record: begun.record,
        note: async (facts) => {
          await begun.note(facts);
          if ('clone' in facts) setTimeout(() => abort.abort(new Error('cut')), 100);
        },
      };
    };
    try {
      await expect(open(cell, abort.signal)).rejects.toThrow('cut');
    } finally {
      cell.host.leases.begin = begin;
    }
    expect(await clones()).toEqual([]);
    for (const { record } of (await cell.host.leases.list()).leases) await cell.host.leases.forget(record);
  });

  test('a clone whose files are gone is forgotten all the same', async () => {
    const opened = await open({ driver: driver(), host: host(), target: await target({}) });
    await changeBooks(({ vms = {} }) => {
      for (const vm of Object.values(vms)) if (vm.cloneOf) vm.status = 'invalid';
    });
    await gone(opened);
    expect(await clones()).toEqual([]);
  });
});

describe('a command', () => {
  test('that never ends and takes no TERM is given up with its signal', async () => {
    const control = createParallelsControl([]);
    const signal = AbortSignal.timeout(2_000);
    withFaults(parallels.standIns, 'hang');
    const context: VmContext = { host: host(), target: await target({}), signal };
    await expect(control.find(NAME, context)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('into the guest that never ends is a lost agent', async () => {
    const control = createParallelsControl([]);
    const context: VmContext = { host: host(), target: await target({}), signal: never };
    const link = await control.agent?.({ id: parallels.vm, name: NAME }, { ...context, folder: '' });
    withFaults(parallels.standIns, 'hang');
    await expect(link?.ping(never)).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
  });

  test('that is not there is named, with what to install', async () => {
    for (const name of ['prlctl', 'prlsrvctl']) await rm(join(parallels.standIns.bin, name));
    // One of which nothing is known yet.
    const fresh = { ...host(), paths: { ...host().paths } };
    const context = { host: fresh, signal: never };
    await expect(driver().check(await target({}), context)).rejects.toMatchObject({
      code: 'PARALLELS_MISSING',
      hint: expect.stringContaining('Install Parallels Desktop'),
    });
    expect(await driver().probe(context)).toMatchObject({
      available: false,
      findings: [expect.stringContaining('Macs only')],
    });
  });
});
