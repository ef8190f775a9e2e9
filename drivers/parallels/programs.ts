/** Finds and runs Parallels' programs. */
import { VmtestError } from '../../src/host/errors.ts';
import { type ExecResult, killedWords } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { PerHost } from '../../src/host/per-host.ts';
import { isPartOf } from '../../src/host/waits.ts';
import { explain, hasCode } from './errors.ts';

export interface Caller {
  host: Host;
  signal: AbortSignal;
}

export interface Step {
  /** For the error: "starting the VM". */
  doing: string;
  /** Of an error whose text is not known. */
  code: string;
  /** Milliseconds. Default: 60 s; `prlctl` waits for the machine in most of its commands. */
  timeout?: number;
  /**
   * Milliseconds that it may go on after the signal. Parallels finishes what was begun even when `prlctl` is ended, and a VM
   * that comes to be, or to run, after it was cleaned up would be left behind. Default: none.
   */
  notice?: number;
}

/** PATH comes first; what launchd starts has neither of the other two in it. */
const FOLDERS = ['', '/usr/local/bin/', '/Applications/Parallels Desktop.app/Contents/MacOS/'];
const VERSION_MS = 10_000;

/** A host keeps its programs where they are. */
const found = new PerHost<{ folder: string; version: string }>();

/** @throws VmtestError `PARALLELS_MISSING` when `prlctl` is nowhere. */
export async function findPrlctl({ host, signal }: Caller): Promise<{ folder: string; version: string }> {
  const before = found.get(host);
  if (before) return before;
  for (const folder of FOLDERS) {
    const result = await host
      .exec([`${folder}prlctl`, '--version'], { timeout: VERSION_MS, signal })
      .catch((error: unknown) => {
        if (hasCode(error, 'COMMAND_NOT_FOUND')) return undefined;
        throw error;
      });
    if (!result) continue;
    const version = /prlctl version (\d+(?:\.\d+)+)/.exec(result.stdout)?.[1] ?? 'unknown';
    found.set(host, { folder, version });
    return { folder, version };
  }
  throw new VmtestError('PARALLELS_MISSING', "Parallels Desktop's command prlctl was not found", {
    hint: 'Install Parallels Desktop (Pro, Business or Enterprise) on a Mac, and open it once.',
  });
}

/** @returns its stdout. @throws VmtestError as `errors.ts` has it, else with the step's own code. */
export async function prlctl(caller: Caller, args: readonly string[], step: Step): Promise<string> {
  const result = await withNotice(caller, step.notice, (patient) =>
    run(patient, 'prlctl', args, step.timeout),
  );
  if (result.exitCode === 0) return result.stdout;
  throw explain(killedWords('prlctl', result) ?? [result.stderr, result.stdout].join('\n').trim(), step);
}

/** However it ends; for commands whose exit code does not tell. */
export async function run(
  caller: Caller,
  program: 'prlctl' | 'prlsrvctl',
  args: readonly string[],
  timeout?: number,
  input?: string,
): Promise<ExecResult> {
  const { folder } = await findPrlctl(caller);
  return caller.host.exec([`${folder}${program}`, ...args], {
    signal: caller.signal,
    ...(timeout === undefined ? {} : { timeout }),
    ...(input === undefined ? {} : { input }),
  });
}

async function withNotice<T>(
  { host, signal }: Caller,
  notice: number | undefined,
  work: (caller: Caller) => Promise<T>,
): Promise<T> {
  if (notice === undefined) return work({ host, signal });
  signal.throwIfAborted();
  const late = new AbortController();
  isPartOf(late.signal, signal);
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => late.abort(signal.reason), notice);
  };
  signal.addEventListener('abort', wait, { once: true });
  try {
    return await work({ host, signal: late.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  }
}
