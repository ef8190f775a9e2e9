/** The memory of running guests in snapshots, as a person takes them on each engine of `sixEngines`, and beside the disk. Nothing runs afterwards. */
import { setTimeout as delay } from 'node:timers/promises';
import { takeLive } from '../standins/powershell/hyperv/provision.ts';
import { tinyGuest } from './guests.ts';
import type { SixEngines } from './six-engines.ts';

export type NamedEngine = 'libvirt' | 'virtualbox' | 'vmware' | 'hyperv' | 'parallels';

export const LIVE = 'live';

/** @throws Error when a command of the engine fails. */
export function takeLiveSnapshot(engines: SixEngines, engine: NamedEngine): Promise<void> {
  return TAKE[engine](engines);
}

const TAKE: Readonly<Record<NamedEngine, (engines: SixEngines) => Promise<void>>> = {
  libvirt: ({ libvirt, domain }) => libvirt.takeLive(domain, LIVE),
  virtualbox: async ({ vm, type, until }) => {
    const login = ['--username', 'root', '--password', 'tiny'];
    await type('VBoxManage', 'startvm', vm, '--type', 'headless');
    await until(['VBoxManage', 'guestcontrol', vm, 'run', ...login, '--', '/bin/true']);
    await type('VBoxManage', 'snapshot', vm, 'take', LIVE);
    await type('VBoxManage', 'controlvm', vm, 'poweroff');
  },
  vmware: ({ vmx, type }) => takeVmwareSnapshot((...args) => type('vmrun', '-T', 'ws', ...args), vmx, LIVE),
  hyperv: async ({ standIns, hyperv }) => {
    const guest = (await tinyGuest()).folder;
    await takeLive(standIns.state, hyperv, LIVE, { guest, script: 'true' });
  },
  parallels: async ({ vm, type, until }) => {
    await type('prlctl', 'start', vm);
    await until(['prlctl', 'exec', vm, 'true']);
    await type('prlctl', 'snapshot', vm, '--name', LIVE);
    await type('prlctl', 'stop', vm, '--kill');
  },
};

/** As a person leaves a VM for later, on the engines that run it to power it off. */
export const SUSPEND: Readonly<Partial<typeof TAKE>> = {
  vmware: async ({ vmx, type }) => {
    await type('vmrun', '-T', 'ws', 'start', vmx, 'nogui');
    await type('vmrun', '-T', 'ws', 'suspend', vmx);
  },
  parallels: async ({ vm, type }) => {
    await type('prlctl', 'start', vm);
    await type('prlctl', 'suspend', vm);
  },
};

/** @param vmrun runs it with these arguments. */
export async function takeVmwareSnapshot(
  vmrun: (...args: string[]) => Promise<string>,
  vmx: string,
  name: string,
): Promise<void> {
  await vmrun('start', vmx, 'nogui');
  while ((await vmrun('checkToolsState', vmx)).trim() !== 'running') await delay(200);
  await vmrun('snapshot', vmx, name);
  await vmrun('stop', vmx, 'hard');
}
