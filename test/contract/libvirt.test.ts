import { afterAll } from 'vitest';
import { libvirtDriver } from '../../drivers/libvirt/driver.ts';
import { tinyGuest } from '../support/guests.ts';
import { testLibvirt } from '../support/libvirt.ts';
import { targetOf } from '../support/targets.ts';
import { testHost } from '../support/test-host.ts';
import { describeDriver } from './driver-contract.ts';

const onEnd: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of onEnd) await end();
});

const defaults = { uri: 'qemu:///system', clone: 'auto', 'if-running': 'fail' };

describeDriver('libvirt', { realGuest: true }, async () => {
  const libvirt = await testLibvirt();
  onEnd.push(() => libvirt.end());
  const { key } = await tinyGuest();
  // A name that no shell and no option parser should ever get to see as its own.
  const name = `-vmtest “it's” 100% $(id) ${process.pid}`;
  const uuid = await libvirt.define({ name });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
  const target = (options: Record<string, unknown>, snapshot = 'clean') =>
    targetOf('libvirt', { ...defaults, ...options }, { snapshot, guest: { key } });
  const deaf = `${name} deaf`;
  const without = await libvirt.define({ name: deaf, append: 'tiny.agent=0 tiny.dhcp=0' });
  await libvirt.virsh('snapshot-create-as', '--domain', without, '--name', 'clean', '--disk-only');
  const other = `${name} other`;
  const running = await libvirt.define({ name: other });
  await libvirt.virsh('snapshot-create-as', '--domain', running, '--name', 'inside');
  await libvirt.virsh('start', '--domain', running);
  return {
    driver: libvirtDriver,
    host: await testHost(),
    target: target({ vm: name }),
    broken: [
      { why: 'no such VM', target: target({ vm: `${name}x` }), code: 'VM_MISSING' },
      { why: 'no such snapshot', target: target({ vm: name }, 'claen'), code: 'SNAPSHOT_MISSING' },
      { why: 'a VM that runs', target: target({ vm: other }, 'inside'), code: 'VM_RUNNING' },
      { why: 'no clone', target: target({ vm: other, clone: 'linked' }, 'inside'), code: 'VM_NO_CLONE' },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: targetOf(
          'libvirt',
          { ...defaults, vm: name },
          { guest: { channel: 'ssh', password: 'wrong' } },
        ),
        says: /does not let root in/,
      },
      {
        why: 'no tools',
        target: targetOf('libvirt', { ...defaults, vm: deaf }, { guest: { channel: 'agent' } }),
        says: /agent/,
      },
      {
        why: 'no address',
        target: targetOf('libvirt', { ...defaults, vm: deaf }, { guest: { channel: 'ssh', key } }),
        says: /address/,
      },
    ],
    leftovers: () => libvirt.leftovers(),
  };
});

describeDriver('libvirt, in the domain itself, with memory', { realGuest: true, inPlace: true }, async () => {
  const own = await testLibvirt();
  onEnd.push(() => own.end());
  const vm = `in place ${process.pid}`;
  const uuid = await own.define({ name: vm });
  await own.takeLive(uuid, 'live');
  const target = (options: Record<string, unknown>, snapshot = 'live') =>
    targetOf('libvirt', { ...defaults, vm, ...options }, { snapshot, guest: { channel: 'agent' } });
  return {
    driver: libvirtDriver,
    host: await testHost(),
    target: target({}),
    broken: [{ why: 'no clone', target: target({ clone: 'linked' }), code: 'VM_NO_CLONE' }],
    unreachable: [],
    leftovers: async () => {
      const state = await own.virsh('domstate', '--domain', uuid);
      return [...(await own.leftovers()), ...(state === 'shut off' ? [] : [`${vm} is ${state}`])];
    },
  };
});
