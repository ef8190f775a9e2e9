/**
 * Takes away what a dead run's lease names. A machine's process ends by itself when its run does, but for one that was
 * kept, or hangs; the lease knows it by id and start, so an id that was used again never hits a stranger.
 */
import { rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VmtestError } from '../../src/host/errors.ts';
import type { LeaseRecord, ProcessIdentity } from '../../src/host/host.ts';
import { liveness } from '../../src/host/process-identity.ts';
import type { DriverContext } from '../driver.ts';
import { machineFiles, removeMachineFiles } from './machine-files.ts';
import { buildFolder } from './states.ts';

const KILLED_MS = 10_000;
const POLL_MS = 10;

type SweepContext = DriverContext & { dryRun: boolean };

export async function sweepLease(lease: LeaseRecord, context: SweepContext): Promise<string[]> {
  const swept = [...(await sweepProcess(lease, context)), ...(await sweepBuild(lease, context))];
  if (!context.dryRun) await removeMachineFiles(machineFiles(lease));
  return swept;
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

async function kill(identity: ProcessIdentity, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < KILLED_MS; waited += POLL_MS) {
    signal.throwIfAborted();
    if (liveness(identity) !== 'alive') return;
    signalKill(identity.pid);
    await delay(POLL_MS);
  }
  throw new VmtestError('V86_UNKILLABLE', `the machine's process ${identity.pid} does not end, even killed`, {
    hint: 'It hangs in the kernel, or belongs to another user.',
  });
}

function signalKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A half-made clean state, in this process's cache or in that of the dead run; only under the name of the lease's id. */
async function sweepBuild({ id, facts }: LeaseRecord, { host, dryRun }: SweepContext): Promise<string[]> {
  const here = buildFolder(host.paths.cache, id);
  const noted = String(facts['building'] ?? here);
  const folders = new Set(basename(noted) === basename(here) ? [here, noted] : [here]);
  const swept: string[] = [];
  for (const folder of folders) {
    if (!(await exists(folder))) continue;
    if (!dryRun) await rm(folder, { recursive: true, force: true });
    swept.push(`half-made clean state ${folder}`);
  }
  return swept;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
