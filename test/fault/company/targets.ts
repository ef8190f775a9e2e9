/** What ten runs want at the same time: a clean state that has to be made first, or one VM of which there are no clones. */
import { createStandIns } from '../../standins/create.ts';
import { i386Guest, tinyGuest } from '../../support/guests.ts';
import { testLibvirt } from '../../support/libvirt.ts';
import { engineProcesses } from '../../support/processes.ts';

export interface Shared {
  /** Keys of the target, in YAML's flow style. */
  target: string;
  env: Record<string, string>;
  /** `state`: made by one, awaited by the others. `vm`: used by one after another. */
  what: 'state' | 'vm';
  /** Where the engine keeps things besides vmtest's own folders. */
  folders: string[];
  /** How many machines of the one VM run now. */
  running?: () => Promise<number>;
  end(): Promise<void>;
}

const nothing = async () => {};

async function qemu(): Promise<Shared> {
  const { image, key } = await tinyGuest();
  const target = `engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key}, channel: agent }`;
  return { target, what: 'state', env: {}, folders: [], end: nothing };
}

async function v86(): Promise<Shared> {
  const { kernel, initrd, append } = await i386Guest();
  const target = `engine: v86, kernel: ${kernel}, initrd: ${initrd}, append: ${append}, memory: 96M, guest: { channel: console }`;
  return { target, what: 'state', env: {}, folders: [], end: nothing };
}

async function virtualbox(): Promise<Shared> {
  const vm = `shared-${process.pid}`;
  const standIns = await createStandIns({ VBoxManage: 'vboxmanage/main.ts' });
  const type = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await standIns.host.exec(['VBoxManage', ...args]);
    if (exitCode !== 0) throw new Error(`VBoxManage ${args.join(' ')}: ${stdout}${stderr}`);
  };
  await type('createvm', '--name', vm, '--ostype', 'Debian_64', '--register');
  await type('modifyvm', vm, '--memory', '128', '--nic1', 'nat');
  await type('snapshot', vm, 'take', 'clean');
  const { key } = await tinyGuest();
  return {
    target: `engine: virtualbox, vm: ${vm}, snapshot: clean, clone: none, guest: { user: root, key: ${key} }`,
    what: 'vm',
    env: standIns.env(),
    folders: [standIns.state],
    running: async () => (await engineProcesses(standIns.state)).length,
    end: () => standIns.end(),
  };
}

/** Its guest goes on where its snapshot was taken: ten runs boot nothing. */
async function libvirt(): Promise<Shared> {
  const vm = `shared-${process.pid}`;
  const made = await testLibvirt();
  const domain = await made.define({ name: vm });
  await made.takeLive(domain, 'clean');
  const { key } = await tinyGuest();
  return {
    target: `engine: libvirt, vm: ${vm}, snapshot: clean, clone: none, guest: { user: root, key: ${key}, channel: agent }`,
    what: 'vm',
    env: {},
    folders: [made.seen],
    end: () => made.end(),
  };
}

export const SHARED: Readonly<Record<string, () => Promise<Shared>>> = { qemu, v86, virtualbox, libvirt };
