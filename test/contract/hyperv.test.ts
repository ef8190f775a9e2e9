import { hypervDriver } from '../../drivers/hyperv/driver.ts';
import { provisionVm, takeLive, takeOffline } from '../standins/powershell/hyperv/provision.ts';
import { hypervHost } from '../support/hyperv.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('hyperv', { realGuest: true }, async () => {
  const { standIns, target, leftovers } = await hypervHost();
  const name = 'tiny "guest" $(n) `é%';
  await takeOffline(standIns.state, await provisionVm(standIns.state, name), 'clean');
  // Not kinder than the real one: it prints noise, and is busy for a while after every change.
  const unkind = ['noise', 'settling'];
  standIns.setFaults(...unkind);
  return {
    driver: hypervDriver,
    target: target(name),
    host: standIns.host,
    broken: [
      { why: 'no VM', target: target('tiny guest'), code: 'VM_MISSING' },
      { why: 'no checkpoint', target: target(name, {}, { snapshot: 'cleen' }), code: 'SNAPSHOT_MISSING' },
      { why: 'no clean state', target: target(name, {}, { snapshot: 'none' }), code: 'VM_NEEDS_SNAPSHOT' },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: target(name, {}, { guest: { password: 'wrong', port: 2222 } }),
        says: /does not let root in/,
      },
      {
        why: 'no address',
        target: target(name),
        says: /address/,
        arrange: () => {
          standIns.setFaults(...unkind, 'no-address');
          return () => standIns.setFaults(...unkind);
        },
      },
    ],
    leftovers,
  };
});

describeDriver('hyperv, in the VM itself', { realGuest: true, inPlace: true }, async () => {
  const { standIns, guest, target, leftovers } = await hypervHost();
  const vm = await provisionVm(standIns.state, 'tiny');
  await takeLive(standIns.state, vm, 'warm', { guest: guest.folder, script: 'true' });
  standIns.setFaults('noise', 'settling');
  const warm = { snapshot: 'warm' };
  return {
    driver: hypervDriver,
    target: target('tiny', {}, warm),
    host: standIns.host,
    broken: [{ why: 'no clone', target: target('tiny', { clone: 'linked' }, warm), code: 'VM_NO_CLONE' }],
    unreachable: [],
    leftovers,
  };
});
