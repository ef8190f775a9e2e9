/** Pools of ours, which cells, runs and hosts make and give up without asking each other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLibvirtControl } from '../../../drivers/libvirt/control.ts';
import { foldersOf, makeOverlays, removeVolumes } from '../../../drivers/libvirt/overlays.ts';
import { Commands } from '../../../drivers/vm/commands.ts';
import { type TestLibvirt, testLibvirt } from '../../support/libvirt.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';

let libvirt: TestLibvirt;
beforeAll(async () => {
  libvirt = await testLibvirt();
});
afterAll(() => libvirt.end());

const never = new AbortController().signal;
/** Few at a time: so a pool's last clone often goes while another one comes. */
const AT_ONCE = 3;
const CLONES = 8;

test('clones that come and go at once over one folder all get their overlays, and the last takes the pool away', async () => {
  const uuid = await libvirt.define({ name: `pools ${process.pid}` });
  const disks = [{ target: 'vda', file: `${await libvirt.folderOf(uuid)}/disk.qcow2`, format: 'qcow2' }];
  const host = await testHost();
  const context = { host, target: targetOf('libvirt', { uri: libvirt.uri }), signal: never };

  const comeAndGo = async () => {
    // A process of its own has no part in the others' queue.
    const commands = new Commands(createLibvirtControl());
    const lease = await host.leases.begin({ run: 'r', engine: 'libvirt', target: 't' });
    const { id, folder } = lease.record;
    const name = `vmtest-${id}`;
    const made = await commands.run(never, () => makeOverlays({ name, folder }, disks, context));
    expect(await libvirt.leftovers()).toContain(made.get('vda'));
    await commands.run(never, () => removeVolumes(name, foldersOf(disks), context));
    expect(await libvirt.leftovers()).not.toContain(made.get('vda'));
    await lease.end();
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let count = 0; count < CLONES; count += 1) await comeAndGo();
    }),
  );
  expect(await libvirt.leftovers()).toEqual([]);
});
