/** Cmdlets that make, change and remove VMs. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Bound } from '../runtime/bind.ts';
import { toText } from '../runtime/values.ts';
import { oneOf, vmOf } from './arguments.ts';
import type { HypervCmdlet } from './cmdlets.ts';
import * as machine from './machine.ts';
import * as objects from './objects.ts';
import * as refused from './refusals.ts';
import { change, type Vm } from './state.ts';

export const cloneCmdlets: readonly HypervCmdlet[] = [
  {
    name: 'New-VM',
    sets: [
      '[[-Name] <String>] [[-MemoryStartupBytes] <Int64>] [-NoVHD] [-SwitchName <String>] [-Path <String>] [[-Generation] <Int16>] [-Force]',
    ],
    async run({ given }) {
      const path = toText(given.get('Path'));
      if (!given.isOn('NoVHD')) throw new Error('scripts make VMs without a disk');
      if (!existsSync(path)) throw refused.failed('New-VM', `The path '${path}' does not exist.`);
      const vm = blankVm(given);
      await change((state) => {
        state.vms = { ...state.vms, [vm.id]: vm };
      });
      return [await objects.virtualMachine(vm)];
    },
  },
  {
    name: 'Set-VM',
    sets: [
      '[-VM] <VirtualMachine[]> [-ProcessorCount <Int64>] [-DynamicMemory] [-StaticMemory] [-AutomaticStartAction <StartAction>] ' +
        '[-AutomaticStopAction <StopAction>] [-CheckpointType <CheckpointType>] [-Passthru] [-Confirm]',
    ],
    async run({ given }) {
      oneOf(given, 'CheckpointType', ['Disabled', 'Standard', 'Production', 'ProductionOnly']);
      oneOf(given, 'AutomaticStartAction', ['Nothing', 'StartIfRunning', 'Start']);
      oneOf(given, 'AutomaticStopAction', ['TurnOff', 'Save', 'ShutDown']);
      await change((state) => {
        const vm = vmOf(state, given, 'Set-VM');
        if (given.has('ProcessorCount')) vm.cpus = Number(toText(given.get('ProcessorCount')));
        if (given.has('CheckpointType')) vm.checkpointType = toText(given.get('CheckpointType'));
      });
      return [];
    },
  },
  {
    name: 'Remove-VM',
    sets: ['[-VM] <VirtualMachine[]> [-Force] [-Passthru] [-Confirm]'],
    async run({ given }) {
      if (!given.isOn('Force')) throw refused.wouldAsk('Remove-VM');
      await change((state) => machine.remove(state, vmOf(state, given, 'Remove-VM')));
      return [];
    },
  },
];

function blankVm(given: Bound): Vm {
  return {
    id: randomUUID(),
    name: toText(given.get('Name')),
    generation: Number(given.get('Generation')) === 2 ? 2 : 1,
    memory: Number(given.get('MemoryStartupBytes')),
    cpus: 1,
    tpm: false,
    secureBoot: { on: true, template: 'MicrosoftWindows' },
    state: 'Off',
    busyUntil: 0,
    checkpointType: 'Production',
    drives: [],
    adapters: [{ name: 'Network Adapter', switchName: '' }],
    checkpoints: [],
  };
}
