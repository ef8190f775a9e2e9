/**
 * Takes away what a dead run's lease names. A process is known by the machine's name in its arguments, so one that was
 * started a moment before its run was killed is found too, and a process id that was used again never hits a stranger.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VmtestError } from '../../src/host/errors.ts';
import type { LeaseRecord } from '../../src/host/host.ts';
import type { DriverContext } from '../driver.ts';
import { machineName } from './machine-files.ts';
import { buildFolder } from './template.ts';

const KILLED_MS = 10_000;
const POLL_MS = 10;

export async function sweepLease(
  lease: LeaseRecord,
  context: DriverContext & { dryRun: boolean },
): Promise<string[]> {
  return [...(await sweepProcesses(lease, context)), ...(await sweepBuild(lease, context))];
}

async function sweepProcesses(
  lease: LeaseRecord,
  context: DriverContext & { dryRun: boolean },
): Promise<string[]> {
  const name = machineName(lease.id);
  const found = await processesOf(name, context);
  if (!context.dryRun) await Promise.all(found.map((pid) => kill(pid, name, context)));
  return found.map((pid) => `QEMU process ${pid} (${name})`);
}

/**
 * A half-made clean state, in this process's cache or in the one that the dead run had. A record may be damaged: only a
 * folder with the very name that belongs to its id is deleted.
 */
async function sweepBuild(
  { id, facts }: LeaseRecord,
  { host, dryRun }: DriverContext & { dryRun: boolean },
): Promise<string[]> {
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

async function kill(pid: number, name: string, context: DriverContext): Promise<void> {
  for (let waited = 0; waited < KILLED_MS; waited += POLL_MS) {
    context.signal.throwIfAborted();
    if (!(await isOurs(pid, name, context))) return;
    signalKill(pid);
    await delay(POLL_MS);
  }
  throw new VmtestError('QEMU_UNKILLABLE', `QEMU (process ${pid}) does not end, even killed`, {
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

async function processesOf(name: string, context: DriverContext): Promise<number[]> {
  if (process.platform !== 'linux') return fromPs(name, context);
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const ours = await Promise.all(pids.map((pid) => isOurs(pid, name, context)));
  return pids.filter((_pid, index) => ours[index]);
}

async function isOurs(pid: number, name: string, context: DriverContext): Promise<boolean> {
  if (process.platform !== 'linux') return (await fromPs(name, context)).includes(pid);
  // Empty for a process that has ended and only waits for its parent to notice.
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return isMachine(argv, name);
}

/** Systems without /proc: arguments joined by spaces, of all users. */
async function fromPs(name: string, { host, signal }: DriverContext): Promise<number[]> {
  const { stdout } = await host.exec(['ps', '-axww', '-o', 'pid=,command='], { timeout: 10_000, signal });
  return stdout.split('\n').flatMap((line) => {
    const [pid, ...argv] = line.trim().split(/\s+/);
    return isMachine(argv, name) ? [Number(pid)] : [];
  });
}

/** The name as our own command line writes it, in its place behind `-name`. Exported for its test. */
export function isMachine(argv: readonly string[], name: string): boolean {
  return argv.some((arg, index) => arg === '-name' && argv[index + 1]?.split(',')[0] === `guest=${name}`);
}

async function exists(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}
