/** A host with all six engines, each with a VM of the same name and its snapshot `clean`: two are real, four are stand-ins. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { createStandIns, StandIns } from '../standins/create.ts';
import { provisionVm, takeOffline } from '../standins/powershell/hyperv/provision.ts';
import type { Vm } from '../standins/powershell/hyperv/state.ts';
import { makeVm } from '../standins/prlctl/person.ts';
import { type TestLibvirt, testLibvirt } from './libvirt.ts';

export interface SixEngines {
  standIns: StandIns;
  libvirt: TestLibvirt;
  /** Name of the VMs. */
  vm: string;
  /** UUID of libvirt's VM. */
  domain: string;
  /** VMware's VM. */
  vmx: string;
  /** Hyper-V's VM. */
  hyperv: Vm;
  /** Runs a command line as a person does. @returns its output. @throws Error when it fails. */
  type(...argv: Argv): Promise<string>;
  /** Types it until it does not fail. */
  until(argv: Argv): Promise<void>;
}

type Argv = [string, ...string[]];

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
  const type = async (...argv: Argv) => {
    const { exitCode, stdout, stderr } = await standIns.host.exec(argv);
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const until = async (argv: Argv) => {
    while ((await standIns.host.exec(argv)).exitCode !== 0) await delay(200);
  };
  await type('VBoxManage', 'createvm', '--name', vm, '--ostype', 'Debian_64', '--register');
  await type('VBoxManage', 'modifyvm', vm, '--memory', '128', '--nic1', 'nat');
  await type('VBoxManage', 'snapshot', vm, 'take', 'clean');
  const vmx = join(standIns.state, 'vmware', vm, `${vm}.vmx`);
  await type('vmware-gui', 'new', vmx, vm);
  await type('vmware-gui', 'snapshot', vmx, 'clean');
  const hyperv = await provisionVm(standIns.state, vm);
  await takeOffline(standIns.state, hyperv, 'clean');
  await makeVm(standIns, vm);
  await type('prlctl', 'snapshot', vm, '--name', 'clean');
  const libvirt = await testLibvirt();
  const domain = await libvirt.define({ name: vm });
  await libvirt.virsh('snapshot-create-as', '--domain', domain, '--name', 'clean', '--disk-only');
  return { standIns, libvirt, vm, domain, vmx, hyperv, type, until };
}
