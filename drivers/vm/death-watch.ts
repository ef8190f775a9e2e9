/** How a VM is seen to have ended by itself. */
import { DeathWatch } from '../death-watch.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';

/** Milliseconds. */
const PAUSE_MS = 1_500;

const ENDS: Partial<Record<VmState, string>> = {
  off: 'it is off',
  saved: 'it was suspended',
  paused: 'it was paused: by a person, or by the engine for want of disk space',
  broken: 'the engine calls it broken',
};

export function watchVm(commands: Commands, vm: VmRef, context: VmContext): DeathWatch {
  const { control } = commands;
  return new DeathWatch({
    pause: control.watchPause ?? PAUSE_MS,
    whyDead: async (signal) => {
      const state = await commands.run(signal, () => control.state(vm, { ...context, signal }));
      const why = state === undefined ? 'it is not there any more' : ENDS[state];
      return why === undefined ? undefined : `the VM ${vm.name} ended: ${why}`;
    },
  });
}
