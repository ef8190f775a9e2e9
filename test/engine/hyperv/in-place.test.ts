/** Cells that restore a checkpoint in the VM itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { hypervDriver } from '../../../drivers/hyperv/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import { provisionVm, takeLive, takeOffline } from '../../standins/powershell/hyperv/provision.ts';
import type { Vm } from '../../standins/powershell/hyperv/state.ts';
import { connected, gone, open, sh } from '../../support/guest-run.ts';
import { type HypervHost, hypervHost } from '../../support/hyperv.ts';

let hyperv: HypervHost;
let vm: Vm;
let cold: BaseTarget;
let live: BaseTarget;
const never = new AbortController().signal;

beforeAll(async () => {
  hyperv = await hypervHost();
  const { standIns, guest, target } = hyperv;
  vm = await provisionVm(standIns.state, 'tiny');
  const base = await takeOffline(standIns.state, vm, 'clean');
  await takeOffline(standIns.state, vm, 'clean', base);
  await takeLive(standIns.state, vm, 'warm', { guest: guest.folder, script: 'echo warm > /tmp/warm' });
  cold = target('tiny', { clone: 'none' }, { snapshot: 'clean/clean' });
  live = target('tiny', {}, { snapshot: 'warm' });
  standIns.setFaults('noise', 'settling');
});

const driven = (target: BaseTarget) => ({ driver: hypervDriver, host: hyperv.standIns.host, target });
const check = (target: BaseTarget) =>
  hypervDriver.check(target, { host: hyperv.standIns.host, signal: never });

test('check says how cells get their clean state', async () => {
  expect(await check(cold)).toMatchObject({
    problems: [],
    exclusive: expect.stringMatching(/^hyperv:[0-9a-f-]{36}$/),
    cleanState: 'snapshot "clean/clean", restored in the VM itself, cold boot',
    demand: { cpus: 1, memory: 256 * 1024 ** 2 },
    access: ['ssh'],
  });
  const checked = await check(live);
  expect(checked.cleanState).toBe('snapshot "warm", restored in the VM itself');
  expect(checked.notes.join()).toContain('no linked clones: the checkpoint holds the memory of a running VM');
});

test('a checkpoint with memory is refused where clones are asked for', async () => {
  const { problems } = await check(hyperv.target('tiny', { clone: 'linked' }, { snapshot: 'warm' }));
  expect(problems).toMatchObject([{ code: 'VM_NO_CLONE' }]);
});

test('a guest goes on where a checkpoint with memory was taken', async () => {
  for (let round = 0; round < 2; round += 1) {
    const opened = await open(driven(live));
    await opened.machine.start(never);
    const channel = await connected(driven(live), opened.machine);
    // What lies in memory only is there, but for what the last cell put there.
    const { stdout } = await sh(channel, 'cat /tmp/warm; test -e /tmp/mark && echo seen; echo > /tmp/mark');
    expect(stdout).toBe('warm\n');
    await channel.close();
    await gone(opened);
  }
  expect(await hyperv.leftovers()).toEqual([]);
});

test('a checkpoint with memory leaves nothing saved when its cell never starts', async () => {
  const opened = await open(driven(live));
  await gone(opened);
  expect((await check(live)).problems).toEqual([]);
});

test('a guest is asked to shut down before it is ended by force', async () => {
  const opened = await open(driven(cold));
  await opened.machine.start(never);
  const channel = await connected(driven(cold), opened.machine);
  const button = '#!/bin/sh\\necho was asked > /dev/console\\nexec poweroff -f\\n';
  await sh(channel, `printf '${button}' > /etc/acpi/PWRF/00000080`);
  await channel.close();
  await opened.machine.stop(60_000);
  const console = join(vm.backing ?? '', 'run', 'console.log');
  expect(await readFile(console, 'utf8')).toContain('was asked');
  expect(await hyperv.leftovers()).toEqual([]);
  await gone(opened);
});

test('a VM that a person uses is left alone, unless that may be reset', async () => {
  const using = await open(driven(cold));
  await using.machine.start(never);
  // As after a restart of the person's: nobody holds the lock.
  await using.machine.keep();
  await using.lease.end();
  expect((await check(cold)).problems).toMatchObject([{ code: 'VM_RUNNING' }]);
  await expect(open(driven(cold))).rejects.toMatchObject({ code: 'VM_RUNNING' });

  const reset = hyperv.target('tiny', { clone: 'none', 'if-running': 'reset' }, { snapshot: 'clean/clean' });
  expect((await check(reset)).problems).toEqual([]);
  const opened = await open(driven(reset));
  await opened.machine.start(never);
  await gone(opened);
  // It ran before, so it runs again.
  expect(await hyperv.standIns.leftovers()).toHaveLength(1);
  await hyperv.standIns.killLeftovers();
});
