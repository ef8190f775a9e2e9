/** A VM of the stand-in with a snapshot, as a person would have made it. */
import { localeFor } from '../../../drivers/virtualbox/tool.ts';
import type { Host } from '../../../src/host/host.ts';
import { installStandIns, type StandIns } from '../../standins/install.ts';
import { tinyGuest } from '../../support/guests.ts';

export const VM = 'tiny "VM"';

export interface StandInVm {
  host: Host;
  standIns: StandIns;
  /** The way in by SSH, for targets. */
  guest: { user: string; key: string; password: string };
  /** VBoxManage as a person types it. @throws Error when it fails. */
  manage(...args: string[]): Promise<string>;
}

export async function makeVm(): Promise<StandInVm> {
  const standIns = await installStandIns({ VBoxManage: 'vboxmanage/main.ts' });
  const { host } = standIns;
  const manage = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await host.exec(['VBoxManage', ...args], {
      env: localeFor('linux'),
    });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  await manage('createvm', '--name', VM, '--ostype', 'Debian_64', '--register');
  await manage('modifyvm', VM, '--memory', '128', '--nic1', 'nat');
  await manage('snapshot', VM, 'take', 'clean');
  const { key } = await tinyGuest();
  return { host, standIns, guest: { user: 'root', key, password: 'tiny' }, manage };
}
