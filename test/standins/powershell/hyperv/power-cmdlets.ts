/** Cmdlets that start, stop and restore. */
import { checkpointOf, vmOf, warn } from './arguments.ts';
import type { HypervCmdlet } from './cmdlets.ts';
import * as machine from './machine.ts';
import * as refused from './refusals.ts';
import { change } from './state.ts';

const ALREADY = 'The virtual machine is already in the specified state.';

export const powerCmdlets: readonly HypervCmdlet[] = [
  {
    name: 'Start-VM',
    sets: ['[-VM] <VirtualMachine[]> [-Passthru] [-Confirm]'],
    async run({ given, scope }) {
      const did = await change((state) => machine.start(state, vmOf(state, given, 'Start-VM')));
      if (!did) warn(scope, ALREADY);
      return [];
    },
  },
  {
    name: 'Stop-VM',
    sets: ['[-VM] <VirtualMachine[]> [-Save] [-TurnOff] [-Force] [-Passthru] [-Confirm]'],
    async run({ given, scope }) {
      if (!given.isOn('TurnOff') || given.isOn('Save')) throw new Error('scripts only turn VMs off');
      const did = await change((state) => machine.turnOff(vmOf(state, given, 'Stop-VM')));
      if (!did) warn(scope, ALREADY);
      return [];
    },
  },
  {
    name: 'Remove-VMSavedState',
    sets: ['[-VM] <VirtualMachine[]> [-Confirm]'],
    async run({ given }) {
      await change((state) => machine.removeSavedState(vmOf(state, given, 'Remove-VMSavedState')));
      return [];
    },
  },
  {
    name: 'Restore-VMSnapshot',
    sets: ['[-VMSnapshot] <VMSnapshot> [-Passthru] [-Confirm]'],
    async run({ given }) {
      if (!given.isOff('Confirm')) throw refused.wouldAsk('Restore-VMSnapshot');
      await change((state) => {
        const { vm, checkpoint } = checkpointOf(state, given, 'Restore-VMSnapshot');
        return machine.restore(vm, checkpoint);
      });
      return [];
    },
  },
];
