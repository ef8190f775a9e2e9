/** Over the stand-in, at its unkindest: its service is just ending at every third command, and locks linger. */
import { createVirtualBoxControl } from '../../drivers/virtualbox/control.ts';
import { createVmDriver } from '../../drivers/vm/create-driver.ts';
import { makeVm, VM } from '../engine/virtualbox/stand-in-vm.ts';
import { targetOf } from '../support/targets.ts';
import { describeDriver } from './driver-contract.ts';

for (const clone of ['linked', 'none'] as const) {
  describeDriver(`virtualbox, clone: ${clone}`, { realGuest: true, inPlace: clone === 'none' }, async () => {
    const { host, standIns, guest } = await makeVm();
    const unkind = ['linger', 'service'];
    standIns.setFaults(...unkind);
    const options = { vm: VM, clone, 'if-running': 'fail' };
    const broken = (more: object, about = {}) =>
      targetOf('virtualbox', { ...options, ...more }, { guest, ...about });
    return {
      driver: createVmDriver(createVirtualBoxControl()),
      target: targetOf('virtualbox', options, { guest }),
      host,
      broken: [
        { why: 'no VM', target: broken({ vm: 'tinny' }), code: 'VM_MISSING' },
        { why: 'no snapshot', target: broken({}, { snapshot: 'clear' }), code: 'SNAPSHOT_MISSING' },
        {
          why: 'no password',
          target: targetOf('virtualbox', options, { guest: { channel: 'agent' } }),
          code: 'VIRTUALBOX_AGENT_PASSWORD',
        },
      ],
      unreachable: [
        {
          why: 'wrong credentials',
          target: broken({}, { guest: { user: 'root', password: 'wrong', channel: 'ssh' } }),
          says: /does not let root in/,
        },
        {
          why: 'no tools',
          target: broken({}, { guest: { ...guest, channel: 'agent' } }),
          says: /Guest Additions/,
          arrange: () => {
            standIns.setFaults(...unkind, 'no-additions');
            return () => standIns.setFaults(...unkind);
          },
        },
        {
          why: 'nobody answers',
          target: broken({}, { guest: { ...guest, channel: 'ssh', port: 9 } }),
          says: /ssh: 127\.0\.0\.1:\d+/,
        },
      ],
      leftovers: () => standIns.leftovers(),
    };
  });
}
