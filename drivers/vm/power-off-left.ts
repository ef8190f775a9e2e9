/** The end of a VM that a dead run has left on, by whoever has its lock. */
import type { Commands } from './commands.ts';
import type { VmContext, VmRef } from './control.ts';
import type { Left } from './in-use.ts';
import { ENDING } from './lease-facts.ts';

export async function powerOffLeft(
  commands: Commands,
  vm: VmRef,
  { record, state }: Left,
  of: VmContext,
): Promise<void> {
  if (state !== 'running') await of.host.leases.amend(record, ENDING);
  await commands.run(of.signal, () => commands.control.powerOff(vm, of));
}
