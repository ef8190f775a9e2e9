/** Parallels over its stand-in, which is as slow, late and lossy here as the real one is reported to be. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createParallelsControl } from '../../drivers/parallels/control.ts';
import { createVmDriver } from '../../drivers/vm/create-driver.ts';
import { installParallels } from '../standins/prlctl/install.ts';
import { makeVm, type } from '../standins/prlctl/person.ts';
import { allVms } from '../standins/prlctl/state.ts';
import { tinyGuest } from '../support/guests.ts';
import { targetOf } from '../support/targets.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('parallels', { realGuest: true }, async () => {
  const standIns = await installParallels();
  const { host } = standIns;
  // A name that no option parser should ever get to see.
  const name = '--id “it\'s” "Debian" – 100 % $(id)';
  const id = await makeVm(standIns, name);
  await type(standIns, 'snapshot', id, '--name', 'clean');
  await makeVm(standIns, 'no tools', { tools: 'not_installed' });
  await type(standIns, 'snapshot', 'no tools', '--name', 'clean');
  await makeVm(standIns, 'damaged', { status: 'invalid' });
  const unkind = ['slow-states', 'lingering-lock', 'junk', 'stale-exec', 'few-settings'];
  standIns.setFaults(...unkind);

  const { key } = await tinyGuest();
  const options = { vm: name, clone: 'auto', 'if-running': 'fail' };
  const guest = { key, port: 2222 };
  const broken = (vm: string, more: Partial<Parameters<typeof targetOf>[2]> = {}, other = {}) =>
    targetOf('parallels', { ...options, vm, ...other }, { guest, ...more });
  return {
    driver: createVmDriver(createParallelsControl([])),
    host,
    target: targetOf('parallels', options, { guest }),
    broken: [
      { why: 'no VM', target: broken(`${name}s`), code: 'VM_MISSING' },
      { why: 'no snapshot', target: broken(name, { snapshot: 'claen' }), code: 'SNAPSHOT_MISSING' },
      { why: 'no snapshot wanted', target: broken(name, { snapshot: 'none' }), code: 'VM_NEEDS_SNAPSHOT' },
      { why: 'no way in', target: broken('no tools', { guest: {} }), code: 'PARALLELS_NO_TOOLS' },
      { why: 'damaged', target: broken('damaged'), code: 'PARALLELS_VM_INVALID' },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: broken(name, { guest: { channel: 'ssh', password: 'wrong', port: 2222 } }),
        says: /does not let root in/,
      },
      {
        why: 'no address',
        target: broken(name, { guest: { ...guest, channel: 'ssh' } }),
        says: /address/,
        arrange: () => {
          standIns.setFaults(...unkind, 'no-address');
          return () => standIns.setFaults(...unkind);
        },
      },
    ],
    leftovers: async () => {
      const machines = await readdir(join(host.paths.state, 'machines')).catch(() => []);
      const clones = (await allVms()).filter(([, { cloneOf }]) => cloneOf).map(([, vm]) => vm.name);
      return [...machines, ...clones, ...(await standIns.leftovers())];
    },
  };
});
