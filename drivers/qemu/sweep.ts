/**
 * Takes away what a dead run's lease names. A process is known by the machine's name in its arguments, so one that was
 * started a moment before its run was killed is found too, and a process id that was used again never hits a stranger.
 */
import { basename } from 'node:path';
import { partialFolder, sweepPartial } from '../../src/host/build-once.ts';
import { findProcesses, killWanted, type ProcessSearch } from '../../src/host/find-processes.ts';
import type { LeaseRecord } from '../../src/host/host.ts';
import type { DriverContext } from '../driver.ts';
import { machineName } from './machine-files.ts';
import { templatesFolder } from './template.ts';

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(lease: LeaseRecord, context: SweepContext): Promise<string[]> {
  const name = machineName(lease.id);
  const templates = templatesFolder(context.host.paths.cache);
  const own = [lease.folder, partialFolder(templates, lease.id)];
  const machines = await sweepProcesses('QEMU', (argv) => isMachine(argv, name), context);
  const tools = await sweepProcesses('qemu-img', (argv) => isImageTool(argv, own), context);
  const folders = await sweepPartial(templates, lease, context);
  return [
    ...machines.map((process) => `${process} (${name})`),
    ...tools,
    ...folders.map((folder) => `half-made clean state ${folder}`),
  ];
}

async function sweepProcesses(
  program: string,
  isWanted: ProcessSearch['isWanted'],
  { host, signal, dryRun }: SweepContext,
): Promise<string[]> {
  const search = { host, signal, isWanted };
  const found = await findProcesses(search);
  const named = (pid: number) => ({ what: `${program} (process ${pid})`, code: 'QEMU_UNKILLABLE' });
  if (!dryRun) await Promise.all(found.map((pid) => killWanted(pid, search, named(pid))));
  return found.map((pid) => `${program} process ${pid}`);
}

/** The name as our own command line writes it, in its place behind `-name`. Exported for its test. */
export function isMachine(argv: readonly string[], name: string): boolean {
  return argv.some((arg, index) => arg === '-name' && argv[index + 1]?.split(',')[0] === `guest=${name}`);
}

/** Copies a large image for minutes, though the run that wanted it is dead. Exported for its test. */
export function isImageTool([program = '', ...args]: readonly string[], folders: readonly string[]): boolean {
  const isThere = (path: string) => folders.some((folder) => path.startsWith(`${folder}/`));
  return /^qemu-img(\.exe)?$/.test(basename(program)) && args.some(isThere);
}
