/** The end of a VM that was found on, by whoever has its lock. */
import { undoAndThrow } from '../../src/host/errors.ts';
import { type Commands, UNDO_MS } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';
import { ENDING } from './lease-facts.ts';

/**
 * One that is saved or paused may be made to run for that, and so comes to its end once begun: here, or by a sweep.
 * @param note writes into the lease whose sweep that would be.
 */
export async function powerOffFound(
  commands: Commands,
  { state, ...vm }: VmRef & { state: VmState },
  of: VmContext,
  note: (facts: typeof ENDING) => Promise<void>,
): Promise<void> {
  const powerOff = (signal: AbortSignal) => commands.control.powerOff(vm, { ...of, signal });
  let hasBegun = false;
  if (state !== 'running') await note(ENDING);
  try {
    await commands.run(of.signal, () => {
      hasBegun = true;
      return powerOff(of.signal);
    });
  } catch (error) {
    if (state === 'running' || !hasBegun) throw error;
    await undoAndThrow(error, () => commands.atLast(UNDO_MS, `powering ${vm.name} off`, powerOff));
  }
}
