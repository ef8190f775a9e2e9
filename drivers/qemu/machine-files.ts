/** The files of one machine, and its name. They lie in its lease's folder and die with it; the console's log lies elsewhere. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Lease } from '../../src/host/host.ts';
import type { MachineFiles } from './command-line.ts';

/** The name by which a sweep finds the process of a lease, even one that nobody had the time to write down. */
export function machineName(leaseId: string): string {
  return `vmtest-${leaseId}`;
}

export function machineFiles(
  lease: Lease,
  guestPort: number,
  consoleLog: string,
): Pick<MachineFiles, 'name' | 'qmp' | 'agent' | 'console' | 'consoleLog' | 'guestPort'> {
  const { folder, id } = lease.record;
  return {
    name: machineName(id),
    qmp: join(folder, 'qmp.sock'),
    agent: join(folder, 'agent.sock'),
    console: join(folder, 'console.sock'),
    consoleLog,
    guestPort,
  };
}

/** Beside the other sockets, and no longer than they are. */
export function migrationSocket(files: MachineFiles): string {
  return join(dirname(files.qmp), 'state.sock');
}

/** All that lies in the lease's folder. The machine must be gone. */
export async function removeMachineFiles(files: Partial<MachineFiles>): Promise<void> {
  const { disk, vars, qmp, agent, console } = files;
  const paths = [disk?.path, vars, qmp, agent, console].filter((path) => path !== undefined);
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}
