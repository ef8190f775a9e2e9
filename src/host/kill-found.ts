/** Kills a process that this one did not start, such as one that a dead run left. */
import { setTimeout as delay } from 'node:timers/promises';
import { VmtestError } from './errors.ts';

export interface FoundProcess {
  pid: number;
  /** Whether the process with that id is still the one that was found: ids are used again. Asked before every signal. */
  isStillThat: () => boolean | Promise<boolean>;
  /** Begins the message when it does not end: "QEMU (process 12)". */
  what: string;
  /** Of the error then. */
  code: string;
}

const KILLED_MS = 10_000;
const POLL_MS = 10;

/**
 * Resolves when it has ended.
 * @param within milliseconds after which it is given up.
 * @throws VmtestError with `found.code` then; the signal's reason.
 */
export async function killFound(found: FoundProcess, signal: AbortSignal, within = KILLED_MS): Promise<void> {
  for (let waited = 0; waited < within; waited += POLL_MS) {
    signal.throwIfAborted();
    if (!(await found.isStillThat())) return;
    signalKill(found.pid);
    await delay(POLL_MS);
  }
  throw new VmtestError(found.code, `${found.what} does not end, even killed`, {
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
