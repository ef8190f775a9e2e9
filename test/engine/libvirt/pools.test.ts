/** Pools of ours, which cells, runs and hosts make and give up without asking each other. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLibvirtControl } from '../../../drivers/libvirt/control.ts';
import { makeOverlays, removeVolumes } from '../../../drivers/libvirt/overlays.ts';
import { Commands } from '../../../drivers/vm/commands.ts';
import { type TestLibvirt, testLibvirt } from '../../support/libvirt.ts';
import { scratchFolder } from '../../support/scratch.ts';
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
  const file = /file='([^']*disk\.qcow2)'/.exec(await libvirt.virsh('dumpxml', '--domain', uuid))?.[1] ?? '';
  const folder = file.slice(0, file.lastIndexOf('/'));
  const scratch = await scratchFolder();
  const target = targetOf('libvirt', { uri: libvirt.uri });
  const context = { host: await testHost(), target, signal: never };

  const comeAndGo = async () => {
    // A process of its own has no part in the others' queue.
    const commands = new Commands(createLibvirtControl());
    const request = { name: `vmtest-${lettersOf(randomBytes(8))}`, folder: scratch };
    const disks = [{ target: 'vda', file, format: 'qcow2' }];
    const made = await commands.run(never, () => makeOverlays(request, disks, context));
    expect(await libvirt.leftovers()).toContain(made.get('vda'));
    await commands.run(never, () => removeVolumes(request.name, [folder], context));
    expect(await libvirt.leftovers()).not.toContain(made.get('vda'));
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let count = 0; count < CLONES; count += 1) await comeAndGo();
    }),
  );
  expect(await libvirt.leftovers()).toEqual([]);
});

function lettersOf(bytes: Buffer): string {
  return Array.from(bytes, (byte) => String.fromCharCode('a'.charCodeAt(0) + (byte % 26))).join('');
}
