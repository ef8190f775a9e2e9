/** A host with the stand-in for PowerShell, and targets of its Hyper-V. */
import { existsSync } from 'node:fs';
import type { BaseTarget } from '../../matrix/model.ts';
import { installStandIns, type StandIns } from '../standins/install.ts';
import { readState } from '../standins/machine/store.ts';
import { fileIn, type Hyperv } from '../standins/powershell/hyperv/state.ts';
import { type Guest, tinyGuest } from './guests.ts';
import { targetOf } from './targets.ts';

export interface HypervHost {
  standIns: StandIns;
  guest: Guest;
  target(vm: string, more?: Record<string, unknown>, fields?: Parameters<typeof targetOf>[2]): BaseTarget;
  /** Clones, their disks, and machines that run. */
  leftovers(): Promise<string[]>;
}

export async function hypervHost(): Promise<HypervHost> {
  const standIns = await installStandIns({ pwsh: 'powershell/main.ts' });
  const guest = await tinyGuest();
  return {
    standIns,
    guest,
    target: (vm, more = {}, fields = {}) =>
      targetOf(
        'hyperv',
        { vm, clone: 'auto', 'if-running': 'fail', ...more },
        { ...fields, guest: fields.guest ?? { key: guest.key, port: 2222 } },
      ),
    leftovers: async () => {
      const { vms = {}, disks = {} } = await readState<Hyperv>(fileIn(standIns.state));
      const clones = Object.values(vms).map(({ name }) => name);
      return [
        ...clones.filter((name) => name.startsWith('vmtest-')),
        ...Object.keys(disks).filter((path) => existsSync(path)),
        ...(await standIns.leftovers()),
      ];
    },
  };
}
