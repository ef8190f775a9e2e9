/** Work with a machine, cut short when the machine ends or restarts by itself; that is then the error. */
import type { Machine } from '../../drivers/driver.ts';
import { linkSignal, sleep } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';

/** Milliseconds. A machine that ends drops its connections first; why it ended is known a moment later. */
const LAST_WORDS_MS = 1_000;

/** Works with a machine under a signal that also aborts when the machine ends by itself. */
export async function whileAlive<T>(
  machine: Machine,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = machine.died.then((why) => `the machine ended by itself: ${why}`);
  return unlessEnded(end, signal, async (alive) => {
    try {
      return await work(alive);
    } catch (error) {
      // What a lost machine comes to for those who talk to it.
      if (!alive.aborted && toVmtestError(error).retryable) await sleep(LAST_WORDS_MS, alive);
      throw error;
    }
  });
}

/** The same for its restart, once the guest is up: while it boots that may be part of booting. */
export function whileUp<T>(
  machine: Machine,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const restart = new Promise<string>((resolve) => {
    machine.onRestart?.(() => resolve('the guest restarted by itself'));
  });
  return unlessEnded(restart, signal, work);
}

async function unlessEnded<T>(
  end: Promise<string>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const life = linkSignal(signal);
  void end.then((what) => life.abort(machineDied(what)));
  try {
    return await work(life.signal);
  } catch (error) {
    throw life.signal.aborted ? life.signal.reason : error;
  } finally {
    life.unlink();
  }
}

function machineDied(what: string): VmtestError {
  return new VmtestError('MACHINE_DIED', what, {
    hint: "Look at the end of its console. Of one that was killed, the host's log (`dmesg`) tells whether memory ran out.",
    retryable: true,
  });
}
