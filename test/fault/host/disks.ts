/** Small file systems under each folder that vmtest writes to, which run full at different moments; and read-only ones. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ending, Hardship, Place } from './hardship.ts';
import { runProgram } from './run-program.ts';

type Where = 'state' | 'cache' | 'results' | 'tmp';

/** Full at once; while a machine is made; while guests write to their disks; while files come out of them. */
const FULL: readonly [Where, size: string, endings: Ending[]][] = [
  ['state', '16k', ['refused', 'errors']],
  ['state', '256k', ['errors']],
  ['state', '4m', ['errors']],
  ['state', '12m', ['errors']],
  ['results', '4k', ['refused', 'errors']],
  ['results', '128k', ['errors']],
  ['results', '1m', ['errors']],
  ['results', '2m', ['errors']],
  ['tmp', '4k', ['usual']],
];

/** Full before the guest's memory is there, and at several moments of its boot. */
const CACHES = ['16k', '1m', '24m', '64m', '112m'];

/** Before the boot, and when it has come to that. */
const LITTLE_ROOM = /little room: the guest's memory may take 128 MiB, and .* has \d+ MiB free.*disk.* full/;

export const DISKS: readonly Hardship[] = [
  ...FULL.map(([where, size, endings]) => full(where, size, endings)),
  ...CACHES.map((size) => ({ ...full('cache', size, ['refused']), says: LITTLE_ROOM, cold: true })),
  readOnly('state', ['refused']),
  readOnly('results', ['refused']),
  readOnly('tmp', ['usual']),
  { ...readOnly('cache', ['refused']), cold: true },
  madeForAll(),
];

function full(where: Where, size: string, endings: readonly Ending[]): Hardship {
  return {
    kind: 'full disk',
    name: `${where} on a disk of ${size}`,
    endings,
    says: /disk.* full/,
    impose: async (place) => {
      const folder = await folderOf(where, place);
      await mount(folder, `size=${size}`);
      return {
        lift: () => mount(folder, 'remount,size=1g'),
        end: () => unmount(folder),
      };
    },
  };
}

function readOnly(where: Where, endings: readonly Ending[]): Hardship {
  return {
    kind: 'read-only folder',
    name: where,
    endings,
    says: /read-only/,
    impose: async (place) => {
      const folder = await folderOf(where, place);
      await mount(folder, 'ro');
      return { lift: () => mount(folder, 'remount,rw'), end: () => unmount(folder) };
    },
  };
}

/** Clean states that somebody made for all, as in an image for CI. QEMU before 8.2 cannot use them. */
function madeForAll(): Hardship {
  return {
    kind: 'read-only folder',
    name: 'cache, with the clean state in it',
    cold: true,
    endings: ['usual', 'errors'],
    says: /may not write to vmtest's cache, which versions before 8\.2 have to/,
    impose: async ({ cache, warm }) => {
      await mount(cache, 'size=1g');
      await cp(warm, cache, { recursive: true });
      await mount(cache, 'remount,ro');
      return { end: () => unmount(cache) };
    },
  };
}

async function folderOf(where: Where, place: Place): Promise<string> {
  const folder = where === 'results' ? join(place.project, 'vmtest-results') : place[where];
  await mkdir(folder, { recursive: true });
  return folder;
}

async function mount(folder: string, options: string): Promise<void> {
  await runProgram('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
}

async function unmount(folder: string): Promise<void> {
  await runProgram('umount', '--lazy', folder);
}
