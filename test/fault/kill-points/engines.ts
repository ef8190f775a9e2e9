/** What it takes to have cells on each engine, and where that engine keeps things of ours besides vmtest's own folders. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createStandIns } from '../../standins/create.ts';
import { i386Guest, tinyGuest } from '../../support/guests.ts';
import { sixEngines } from '../../support/six-engines.ts';

export interface Engine {
  /** Keys of the target, in YAML's flow style. */
  target: string;
  /** Whether a second run can go on beside, instead of waiting for the same VM. */
  isShared: boolean;
  env: Record<string, string>;
  /** Beyond the bed's own. */
  folders?: string[];
  more: () => Promise<string[]>;
  /** Of the trials that shall begin without clean states. */
  coldShare: number;
  /** Forgets clean states that vmtest has made below this cache. Other engines have theirs from a person. */
  forget(cache: string): Promise<void>;
  end(): Promise<void>;
}

const nothing = async () => {};
const noMore = async () => [];

async function qemu(): Promise<Engine> {
  const { image, key } = await tinyGuest();
  const target = `engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key}, channel: agent }`;
  return {
    target,
    isShared: true,
    env: {},
    more: noMore,
    coldShare: 0.2,
    forget: forget('templates'),
    end: nothing,
  };
}

async function v86(): Promise<Engine> {
  const { kernel, initrd, append } = await i386Guest();
  const target = `engine: v86, kernel: ${kernel}, initrd: ${initrd}, append: ${append}, memory: 96M, guest: { channel: console }`;
  return {
    target,
    isShared: true,
    env: {},
    more: noMore,
    coldShare: 0.05,
    forget: forget('v86'),
    end: nothing,
  };
}

function forget(states: string): Engine['forget'] {
  return async (cache) => {
    const folder = join(cache, 'vmtest', states);
    for (const name of await readdir(folder).catch(() => []))
      await rm(join(folder, name), { recursive: true });
  };
}

type Name = 'libvirt' | 'virtualbox' | 'vmware' | 'hyperv' | 'parallels';

/** Their guests have addresses of this host's, of which port 22 is often taken. */
const BY_ADDRESS: ReadonlySet<Name> = new Set(['vmware', 'hyperv', 'parallels']);

/** Each has a VM of its own with its snapshot `clean`; all but the first are stand-ins. */
async function named(engine: Name): Promise<Engine> {
  const vm = `kill-${process.pid}`;
  const { standIns, libvirt, vmx } = await sixEngines(vm, createStandIns);
  const { key } = await tinyGuest();
  const guest = `guest: { user: root, key: ${key}${BY_ADDRESS.has(engine) ? ', port: 2222' : ''} }`;
  const box = engine === 'vmware' ? vmx : vm;
  return {
    target: `engine: ${engine}, vm: ${box}, snapshot: clean, ${guest}`,
    isShared: false,
    env: standIns.env(),
    folders: [standIns.state, libvirt.seen],
    more: async () => [
      ...(await standIns.leftovers()).map((folder) => `machine ${folder}`),
      ...(await libvirt.virsh('list', '--all', '--name'))
        .split('\n')
        .filter((name) => /^(vmtest|kill)-/.test(name)),
    ],
    coldShare: 0,
    forget: nothing,
    end: async () => {
      await standIns.end();
      await libvirt.end();
    },
  };
}

export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  qemu,
  v86,
  libvirt: () => named('libvirt'),
  virtualbox: () => named('virtualbox'),
  vmware: () => named('vmware'),
  hyperv: () => named('hyperv'),
  parallels: () => named('parallels'),
};
