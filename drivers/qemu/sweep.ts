/**
 * Takes away what a dead run's lease names. A process is known by the machine's name in its arguments, so one that was
 * started a moment before its run was killed is found too, and a process id that was used again never hits a stranger.
 */
import { readdir, readFile } from 'node:fs/promises';
import { sweepPartial } from '../../src/host/build-once.ts';
import type { LeaseRecord } from '../../src/host/host.ts';
import { killFound } from '../../src/host/kill-found.ts';
import type { DriverContext } from '../driver.ts';
import { machineName } from './machine-files.ts';
import { templatesFolder } from './template.ts';

export async function sweepLease(
  lease: LeaseRecord,
  context: DriverContext & { dryRun: boolean },
): Promise<string[]> {
  const processes = await sweepProcesses(lease, context);
  const folders = await sweepPartial(templatesFolder(context.host.paths.cache), lease, context);
  return [...processes, ...folders.map((folder) => `half-made clean state ${folder}`)];
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

function kill(pid: number, name: string, context: DriverContext): Promise<void> {
  const isStillThat = () => isOurs(pid, name, context);
  return killFound(
    { pid, isStillThat, what: `QEMU (process ${pid})`, code: 'QEMU_UNKILLABLE' },
    context.signal,
  );
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
