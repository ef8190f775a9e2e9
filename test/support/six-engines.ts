/** A host with all six engines, each with a VM of the same name and its snapshot `clean`: two are real, four are stand-ins. */
import { join } from 'node:path';
import type { createStandIns, StandIns } from '../standins/create.ts';
import { provisionVm, takeOffline } from '../standins/powershell/hyperv/provision.ts';
import { makeVm } from '../standins/prlctl/person.ts';
import { type TestLibvirt, testLibvirt } from './libvirt.ts';

export interface SixEngines {
  standIns: StandIns;
  libvirt: TestLibvirt;
  /** VMware's VM. */
  vmx: string;
}

/** @param install `createStandIns`, or what also takes them away again. */
export async function sixEngines(vm: string, install: typeof createStandIns): Promise<SixEngines> {
  const standIns = await install({
    VBoxManage: 'vboxmanage/main.ts',
    vmrun: 'vmrun/main.ts',
    'vmware-vmx': 'vmrun/vmware-vmx.ts',
    'vmware-gui': 'vmrun/gui.ts',
    pwsh: 'powershell/main.ts',
    prlctl: 'prlctl/main.ts',
    prlsrvctl: 'prlctl/prlsrvctl.ts',
  });
  // Two of the stand-ins are also provisioned from within this process.
  Object.assign(process.env, standIns.env());
  const type = async (...argv: [string, ...string[]]) => {
    const { exitCode, stdout, stderr } = await standIns.host.exec(argv);
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`);
  };
  await type('VBoxManage', 'createvm', '--name', vm, '--ostype', 'Debian_64', '--register');
  await type('VBoxManage', 'modifyvm', vm, '--memory', '128', '--nic1', 'nat');
  await type('VBoxManage', 'snapshot', vm, 'take', 'clean');
  const vmx = join(standIns.state, 'vmware', vm, `${vm}.vmx`);
  await type('vmware-gui', 'new', vmx, vm);
  await type('vmware-gui', 'snapshot', vmx, 'clean');
  await takeOffline(standIns.state, await provisionVm(standIns.state, vm), 'clean');
  await makeVm(standIns, vm);
  await type('prlctl', 'snapshot', vm, '--name', 'clean');
  const libvirt = await testLibvirt();
  const domain = await libvirt.define({ name: vm });
  await libvirt.virsh('snapshot-create-as', '--domain', domain, '--name', 'clean', '--disk-only');
  return { standIns, libvirt, vmx };
}
