/** What it takes to have cells on each engine, and where that engine keeps things of ours besides vmtest's own folders. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { i386Guest, tinyGuest } from '../../support/guests.ts';
import { type NamedEngine, SUSPEND } from '../../support/live-snapshots.ts';
import { CELLS, type Cells, FEW_CELLS } from './matrix.ts';
import { named } from './named-engines.ts';
import { KEPT_SHARE } from './points.ts';

export interface Engine {
  /** Keys of the target, in YAML's flow style. */
  target: string;
  /** Whether a second run can go on beside, instead of waiting for the same VM. */
  isShared: boolean;
  env: Record<string, string>;
  /** Beyond the bed's own. */
  folders?: string[];
  more: () => Promise<string[]>;
  /** Whose VM it is. */
  person?: Person;
  /** Of the trials that shall begin without clean states. */
  coldShare: number;
  /** Of the trials beside which a kept machine may lie. None where that is the VM itself, which nobody else can use then. */
  keptShare: number;
  /** That fill a run's course, and end in seconds. */
  cells: Cells;
  /** Forgets clean states that vmtest has made below this cache. Other engines have theirs from a person. */
  forget(cache: string): Promise<void>;
  end(): Promise<void>;
}

/** Uses the VM between the runs. */
export interface Person {
  /** Before a run. */
  leaves(): Promise<void>;
  /** After it. @returns what is wrong with the VM, which is off then. */
  comesBack(): Promise<string[]>;
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
    keptShare: KEPT_SHARE,
    cells: CELLS,
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
    keptShare: KEPT_SHARE,
    cells: FEW_CELLS,
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

const NAMED: readonly NamedEngine[] = ['libvirt', 'virtualbox', 'vmware', 'hyperv', 'parallels'];

export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  qemu,
  v86,
  ...Object.fromEntries(
    NAMED.flatMap((engine) => [
      [engine, () => named(engine, 'clean')],
      [`${engine}-live`, () => named(engine, 'live')],
      ...(engine in SUSPEND ? [[`${engine}-reset`, () => named(engine, 'reset')]] : []),
    ]),
  ),
};
