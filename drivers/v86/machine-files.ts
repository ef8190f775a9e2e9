/** The name and the files of one machine. The files lie in its lease's folder and die with it, but for the console's log. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeaseRecord } from '../../src/host/host.ts';

export interface MachineFiles {
  /** Readable ownership: stands in the process's arguments, too. */
  name: string;
  spec: string;
  control: string;
  console: string;
  /** What the machine writes to its disk. */
  disk: string;
}

export function machineFiles(
  { id, folder }: Pick<LeaseRecord, 'id' | 'folder'>,
  platform: string = process.platform,
): MachineFiles {
  const name = `vmtest-${id}`;
  // Windows has named pipes instead of sockets in folders.
  const socket = (what: string) =>
    platform === 'win32' ? `\\\\.\\pipe\\${name}-${what}` : join(folder, `${what}.sock`);
  return {
    name,
    spec: join(folder, 'machine.json'),
    control: socket('control'),
    console: socket('console'),
    disk: join(folder, 'disk.img'),
  };
}

/** Bytes of `sun_path` less the closing zero: 108 on Linux, 104 on macOS and the BSDs. Pipes of Windows have none. */
const LONGEST_SOCKET_PATH =
  { linux: 107, win32: Number.POSITIVE_INFINITY }[process.platform as string] ?? 103;

export function fitsSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH;
}

/** The machine must be gone. */
export async function removeMachineFiles({ spec, control, console, disk }: MachineFiles): Promise<void> {
  await Promise.all([spec, control, console, disk].map((path) => rm(path, { force: true })));
}
