import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { targetFor, vmware, vmwareDriver } from '../engine/vmware/support.ts';
import { tinyGuest } from '../support/guests.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('vmware, over a stand-in for vmrun', { realGuest: true }, async () => {
  const { key } = await tinyGuest();
  const engine = await vmware();
  const vmx = await engine.newVm(`it's “Debian” – 100 % $(id)`);
  await engine.snapshot(vmx, 'clean');
  const unkind = ['lingering-locks', 'late-address'];
  engine.setFaults(...unkind);
  const withFault = (fault: string) => {
    engine.setFaults(...unkind, fault);
    return () => engine.setFaults(...unkind);
  };
  const guest = { guest: { key } };
  return {
    driver: vmwareDriver,
    target: targetFor(vmx, guest),
    host: engine.host,
    broken: [
      { why: 'no VM', target: targetFor(join(engine.vms, 'debian-13.vmx'), guest), code: 'VM_MISSING' },
      {
        why: 'no snapshot',
        target: targetFor(vmx, { ...guest, snapshot: 'cleen' }),
        code: 'SNAPSHOT_MISSING',
      },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: targetFor(vmx, { guest: { channel: 'agent', password: 'wrong' } }),
        says: /refuses .guest.user/,
      },
      {
        why: 'no tools',
        target: targetFor(vmx, { guest: { channel: 'agent' } }),
        says: /VMware Tools/,
        arrange: () => withFault('no-tools'),
      },
      {
        why: 'no address',
        target: targetFor(vmx, { guest: { channel: 'ssh', key } }),
        says: /address/,
        arrange: () => withFault('no-address'),
      },
    ],
    leftovers: async () => {
      const machines = await readdir(join(engine.host.paths.state, 'machines')).catch(() => []);
      return [...machines, ...(await engine.leftovers())];
    },
  };
});
