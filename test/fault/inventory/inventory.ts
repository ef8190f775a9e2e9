/**
 * What a part of this host holds, as lines that can be compared: processes, sockets, ports, files, held locks, mounts, and
 * what an engine keeps elsewhere. Taken before a fault and after its repair, the difference names what is left, and what
 * of others is gone.
 */
import { readFile } from 'node:fs/promises';
import { filesIn } from './files.ts';
import { processesOf } from './processes.ts';
import { socketsOf } from './sockets.ts';

export interface Scope {
  /** In the environment of every process that counts, as `NAME=value`; those whose arguments name one of the folders count too. */
  mark: string;
  /** Every file below them counts, but for what may stay; so do mounts and sockets there. */
  folders: readonly string[];
  /** Folders in them that do not: what the test itself writes, and reports. */
  except?: readonly string[];
  /** What an engine keeps elsewhere (domains, volumes), a line each. */
  more?: () => Promise<string[]>;
}

export type Inventory = ReadonlySet<string>;

export async function takeInventory(scope: Scope): Promise<Inventory> {
  const { mark, folders, except = [], more = async () => [] } = scope;
  const processes = await processesOf(mark, folders);
  const parts = await Promise.all([
    processes.map(({ pid, argv }) => `process ${pid}: ${argv.join(' ')}`),
    socketsOf(
      processes.map(({ pid }) => pid),
      folders,
    ),
    filesIn(folders, except),
    mountsIn(folders),
    more(),
  ]);
  return new Set(parts.flat().sort());
}

export interface Difference {
  /** There now, and not before. */
  left: string[];
  /** There before, and not now. */
  gone: string[];
}

export function difference(before: Inventory, after: Inventory): Difference {
  return {
    left: [...after].filter((line) => !before.has(line)),
    gone: [...before].filter((line) => !after.has(line)),
  };
}

async function mountsIn(folders: readonly string[]): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return mounts
    .filter((place) => folders.some((folder) => place.startsWith(folder)))
    .map((place) => `mount ${place}`);
}
