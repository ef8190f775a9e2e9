/** Limits of processes: open files, memory. */
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ending, Hardship } from './hardship.ts';

const MIB = 1024 ** 2;
const CGROUPS = '/sys/fs/cgroup/memory';

/** Some 50 are enough for two machines; with fewer, one thing after another fails. Below 20 Node cannot load a program. */
const LIMITS = [20, 22, 24, 26, 28, 30, 32, 36, 40, 44, 48, 52, 56, 64];

export const DESCRIPTORS: readonly Hardship[] = LIMITS.map((limit) => ({
  kind: 'open files',
  name: `at most ${limit}`,
  endings: ['usual', 'refused', 'errors'],
  says: /too many files are open/i,
  impose: async () => ({ before: ['prlimit', `--nofile=${limit}:${limit}`, '--'] }),
}));

export const MEMORY: readonly Hardship[] = [
  ...[8, 16, 24, 32].map(heap),
  {
    ...container(300, ['refused']),
    says: /a machine of this target takes 352 MiB; guests may have 0 MiB here/,
  },
  ...[60, 90, 120, 150, 200, 300].map((mib) => deceived(container(mib, ['usual', 'errors', 'killed']))),
];

function heap(mib: number): Hardship {
  return {
    kind: 'memory',
    name: `${mib} MiB for JavaScript's objects`,
    endings: ['usual', 'killed'],
    impose: async () => ({ env: { NODE_OPTIONS: `--max-old-space-size=${mib}` } }),
  };
}

/** The kernel ends whom it likes of those inside when they take more. */
function container(mib: number, endings: readonly Ending[]): Hardship {
  return {
    kind: 'memory',
    name: `${mib} MiB for vmtest and its machines`,
    endings,
    impose: async () => {
      const group = join(CGROUPS, `vmtest-test-${process.pid}`);
      await mkdir(group);
      await writeFile(join(group, 'memory.limit_in_bytes'), `${mib * MIB}`);
      const enter = `echo $$ > ${join(group, 'cgroup.procs')}; exec "$@"`;
      return { before: ['sh', '-c', enter, 'sh'], end: () => remove(group) };
    },
  };
}

/** Who says that there is more has the kernel against him. */
function deceived(hardship: Hardship): Hardship {
  return {
    ...hardship,
    name: `${hardship.name}, taken for 64 GiB`,
    impose: async (place) => ({ ...(await hardship.impose(place)), args: ['deceived.yml'] }),
  };
}

/** As soon as the kernel has done with those that it killed. */
async function remove(group: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if (tries > 50) throw error;
      await delay(100);
    }
  }
}
