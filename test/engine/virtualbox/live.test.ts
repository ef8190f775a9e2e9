/** A snapshot that was taken while the VM ran, with its memory: over the stand-in, with a real guest. */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { createVirtualBoxControl } from '../../../drivers/virtualbox/control.ts';
import { createVmDriver } from '../../../drivers/vm/create-driver.ts';
import { connected, gone, open, sh } from '../../support/guest-run.ts';
import { targetOf } from '../../support/targets.ts';
import { makeVm, type StandInVm, VM } from './stand-in-vm.ts';

const driver = createVmDriver(createVirtualBoxControl());
/** In memory only: a guest that has booted since does not have it. */
const MARK = '/tmp/mark';
let made: StandInVm;

beforeAll(async () => {
  made = await makeVm();
  await made.manage('startvm', VM, '--type', 'headless');
  const login = ['--username', 'root', '--password', 'tiny'];
  const touch = () =>
    made.host.exec(['VBoxManage', 'guestcontrol', VM, 'run', ...login, '--', '/bin/touch', MARK]);
  while ((await touch()).exitCode !== 0) await delay(200);
  await made.manage('snapshot', VM, 'take', 'live');
  await made.manage('controlvm', VM, 'poweroff');
});

test.each(['linked', 'none'])('a cell goes on where it was taken, every time: clone %s', async (clone) => {
  const options = { vm: VM, clone, 'if-running': 'fail' };
  const guest = { ...made.guest, channel: 'agent' as const };
  const cell = {
    driver,
    host: made.host,
    target: targetOf('virtualbox', options, { snapshot: 'live', guest }),
  };
  for (let round = 0; round < 2; round += 1) {
    const opened = await open(cell);
    await opened.machine.start(new AbortController().signal);
    const channel = await connected(cell, opened.machine);
    const script = `test -e ${MARK} && echo resumed; test -e /root/mark && echo dirty; touch /root/mark`;
    expect((await sh(channel, script)).stdout).toBe('resumed\n');
    await channel.close();
    await gone(opened);
  }
  expect(await made.standIns.leftovers()).toEqual([]);
});
