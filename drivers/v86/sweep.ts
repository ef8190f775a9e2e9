/**
 * Takes away what a dead run's lease names. A machine's process ends by itself when its run does, but for one that was
 * kept, hangs, or still loads its state. The lease knows it by id and start; one that was started a moment before its run
 * was killed is known by the machine's name in its arguments. So an id that was used again never hits a stranger.
 */
import { sweepPartial } from '../../src/host/build-once.ts';
import { findProcesses, killWanted } from '../../src/host/find-processes.ts';
import type { LeaseRecord, ProcessIdentity } from '../../src/host/host.ts';
import { killFound } from '../../src/host/kill-found.ts';
import { liveness } from '../../src/host/process-identity.ts';
import type { DriverContext } from '../driver.ts';
import { machineFiles, removeMachineFiles } from './machine-files.ts';
import { statesFolder } from './states.ts';

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(lease: LeaseRecord, context: SweepContext): Promise<string[]> {
  const { name } = machineFiles(lease);
  const noted = await sweepNoted(lease, context);
  const found = (await sweepNamed(name, context)).filter((pid) => !noted.includes(pid));
  const folders = await sweepPartial(statesFolder(context.host.paths.cache), lease, context);
  if (!context.dryRun) await removeMachineFiles(machineFiles(lease));
  return [
    ...[...noted, ...found].map((pid) => `v86 process ${pid} (${name})`),
    ...folders.map((folder) => `half-made clean state ${folder}`),
  ];
}

async function sweepNoted({ facts }: LeaseRecord, { dryRun, signal }: SweepContext): Promise<number[]> {
  const identity = facts['process'] as ProcessIdentity | undefined;
  if (!isIdentity(identity) || liveness(identity) !== 'alive') return [];
  const { pid } = identity;
  const isStillThat = () => liveness(identity) === 'alive';
  if (!dryRun) await killFound({ pid, isStillThat, ...named(pid) }, signal);
  return [pid];
}

/** A record may be damaged. */
function isIdentity(value: ProcessIdentity | undefined): value is ProcessIdentity {
  return Number.isSafeInteger(value?.pid) && typeof value?.boot === 'string';
}

async function sweepNamed(name: string, { host, signal, dryRun }: SweepContext): Promise<number[]> {
  // Arguments are told by a program that is not there.
  if (process.platform === 'win32') return [];
  const search = { host, signal, isWanted: (argv: readonly string[]) => isMachine(argv, name) };
  const found = await findProcesses(search);
  if (!dryRun) await Promise.all(found.map((pid) => killWanted(pid, search, named(pid))));
  return found;
}

function named(pid: number): { what: string; code: string } {
  return { what: `the machine's process ${pid}`, code: 'V86_UNKILLABLE' };
}

/** As the driver starts it. Exported for its test. */
export function isMachine(argv: readonly string[], name: string): boolean {
  return argv.some((arg, at) => arg === '--name' && argv[at + 1] === name && argv[at + 2] === '--control');
}
