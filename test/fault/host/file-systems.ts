/** File systems that cannot do all, or take their time: exFAT, those that lie in another process, slow ones. */
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ending, Hardship } from './hardship.ts';
import { runProgram } from './run-program.ts';

/** A process that serves a file system ends some time after it is unmounted. */
const SERVER_ENDS_MS = 500;

export const FILE_SYSTEMS: readonly Hardship[] = [
  exFat('state', ['errors']),
  { ...exFat('cache', ['usual']), cold: true },
  passedThrough('state without hard links, modes and owners', 'state', [
    '--hide-hard-links',
    '--chmod-ignore',
    '--chown-ignore',
  ]),
  {
    ...passedThrough('cache written at 20 MB/s', 'cache', ['--write-rate=20M', '--read-rate=20M']),
    cold: true,
  },
  passedThrough('state written at 1 MB/s', 'state', ['--write-rate=1M', '--read-rate=1M']),
];

/** Calls of vmtest and its machines that change files: a disk that sleeps, or is far away. */
const CALLS = 'openat,rename,unlink,mkdir,rmdir,fsync,fdatasync,ftruncate,fallocate';

export const SLOW: readonly Hardship[] = [5, 20].map((ms) => ({
  kind: 'slow disk',
  name: `${ms} ms more for every call that changes files`,
  endings: ['usual'],
  needs: ['strace'],
  impose: async () => ({
    before: [
      ...['strace', '-f', '-qqq', '-o', '/dev/null', '-e', 'signal=none', '-e', `trace=${CALLS}`],
      ...['-e', `inject=${CALLS}:delay_enter=${ms * 1000}`, '--'],
    ],
  }),
}));

/** No hard links, no symbolic ones, no sockets, no modes. */
function exFat(where: 'state' | 'cache', endings: readonly Ending[]): Hardship {
  return {
    kind: 'file system',
    name: `${where} on exFAT`,
    endings,
    says: /sockets/,
    needs: ['exfat-fuse', 'exfatprogs'],
    impose: async (place) => {
      const file = `${place[where]}.img`;
      await runProgram('truncate', '--size=512M', file);
      await runProgram('mkfs.exfat', file);
      const device = await runProgram('losetup', '--find', '--show', file);
      await runProgram('mount.exfat-fuse', device, place[where]);
      return {
        end: async () => {
          await unmount(place[where]);
          await runProgram('losetup', '--detach', device);
          await rm(file);
        },
      };
    },
  };
}

function passedThrough(name: string, where: 'state' | 'cache', options: string[]): Hardship {
  return {
    kind: 'file system',
    name,
    endings: ['usual'],
    needs: ['bindfs'],
    impose: async (place) => {
      const real = `${place[where]}-real`;
      await mkdir(real);
      await runProgram('bindfs', ...options, real, place[where]);
      return {
        end: async () => {
          await unmount(place[where]);
          await rm(real, { recursive: true });
        },
      };
    },
  };
}

async function unmount(folder: string): Promise<void> {
  await runProgram('umount', '--lazy', folder);
  await delay(SERVER_ENDS_MS);
}
