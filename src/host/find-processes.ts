/** Finds processes of this host by their arguments, such as one that a run started a moment before it was killed. */
import { readdir, readFile } from 'node:fs/promises';
import type { Host } from './host.ts';
import { type FoundProcess, killFound } from './kill-found.ts';
import { identityOf, liveness } from './process-identity.ts';

export interface ProcessSearch {
  host: Pick<Host, 'exec'>;
  signal: AbortSignal;
  /** Whether a process with these arguments, the program first, is looked for. */
  isWanted(argv: readonly string[]): boolean;
}

type Named = Pick<FoundProcess, 'what' | 'code'>;

/** Their ids. */
export async function findProcesses(search: ProcessSearch): Promise<number[]> {
  if (process.platform !== 'linux') return fromPs(search);
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const wanted = await Promise.all(pids.map((pid) => isWanted(pid, search)));
  return pids.filter((_pid, index) => wanted[index]);
}

/**
 * Kills one that was found; an id that another process has by now is left alone.
 * @throws VmtestError as `killFound` does.
 */
export async function killWanted(pid: number, search: ProcessSearch, named: Named): Promise<void> {
  const identity = identityOf(pid);
  if (!(await isWanted(pid, search))) return;
  // A process loses its arguments some milliseconds before its sockets and locks.
  const isStillThat = () =>
    identity.start === undefined ? isWanted(pid, search) : liveness(identity) === 'alive';
  await killFound({ pid, isStillThat, ...named }, search.signal);
}

async function isWanted(pid: number, search: ProcessSearch): Promise<boolean> {
  if (process.platform !== 'linux') return (await fromPs(search)).includes(pid);
  // Empty for a process that has ended and only waits for its parent to notice.
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return search.isWanted(argv);
}

/** Systems without /proc: arguments joined by spaces, of all users. */
async function fromPs({ host, signal, isWanted }: ProcessSearch): Promise<number[]> {
  const { stdout } = await host.exec(['ps', '-axww', '-o', 'pid=,command='], { timeout: 10_000, signal });
  return stdout.split('\n').flatMap((line) => {
    const [pid, ...argv] = line.trim().split(/\s+/);
    return isWanted(argv) ? [Number(pid)] : [];
  });
}
