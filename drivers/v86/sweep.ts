/**
 * Takes away what a dead run's lease names. A machine's process ends by itself when its run does, but for one that was
 * kept, or hangs; the lease knows it by id and start, so an id that was used again never hits a stranger.
 */
import { sweepPartial } from '../../src/host/build-once.ts';
import type { LeaseRecord, ProcessIdentity } from '../../src/host/host.ts';
import { killFound } from '../../src/host/kill-found.ts';
import { liveness } from '../../src/host/process-identity.ts';
import type { DriverContext } from '../driver.ts';
import { machineFiles, removeMachineFiles } from './machine-files.ts';
import { statesFolder } from './states.ts';

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(lease: LeaseRecord, context: SweepContext): Promise<string[]> {
  const processes = await sweepProcess(lease, context);
  const folders = await sweepPartial(statesFolder(context.host.paths.cache), lease, context);
  if (!context.dryRun) await removeMachineFiles(machineFiles(lease));
  return [...processes, ...folders.map((folder) => `half-made clean state ${folder}`)];
}

async function sweepProcess({ id, facts }: LeaseRecord, { dryRun, signal }: SweepContext): Promise<string[]> {
  const identity = facts['process'] as ProcessIdentity | undefined;
  if (!isIdentity(identity) || liveness(identity) !== 'alive') return [];
  if (!dryRun) await kill(identity, signal);
  return [`v86 process ${identity.pid} (vmtest-${id})`];
}

/** A record may be damaged. */
function isIdentity(value: ProcessIdentity | undefined): value is ProcessIdentity {
  return Number.isSafeInteger(value?.pid) && typeof value?.boot === 'string';
}

function kill(identity: ProcessIdentity, signal: AbortSignal): Promise<void> {
  const { pid } = identity;
  const isStillThat = () => liveness(identity) === 'alive';
  return killFound(
    { pid, isStillThat, what: `the machine's process ${pid}`, code: 'V86_UNKILLABLE' },
    signal,
  );
}
