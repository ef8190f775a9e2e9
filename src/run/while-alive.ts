import type { Machine } from '../../drivers/driver.ts';
import { linkSignal } from '../host/deadline.ts';
import { VmtestError } from '../host/errors.ts';

/** Works with a machine under a signal that also aborts when the machine ends by itself; that is then the error. */
export async function whileAlive<T>(
  machine: Machine,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const life = linkSignal(signal);
  void machine.died.then((why) => life.abort(machineDied(why)));
  try {
    return await work(life.signal);
  } catch (error) {
    throw life.signal.aborted ? life.signal.reason : error;
  } finally {
    life.unlink();
  }
}

function machineDied(why: string): VmtestError {
  return new VmtestError('MACHINE_DIED', `the machine ended by itself: ${why}`, {
    hint: 'Look at the end of its console.',
    retryable: true,
  });
}
