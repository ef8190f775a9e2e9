/** Cmdlets that look. */
import { hasFault } from '../faults.ts';
import { toText, type Value } from '../runtime/values.ts';
import { checkpointOf, findCheckpoint, vmOf } from './arguments.ts';
import type { HypervCmdlet } from './cmdlets.ts';
import * as objects from './objects.ts';
import * as refused from './refusals.ts';
import { look } from './state.ts';

export const lookCmdlets: readonly HypervCmdlet[] = [
  {
    name: 'Get-VM',
    sets: ['[[-Name] <String[]>]', '[[-Id] <Guid>]'],
    async run({ given }) {
      const vms = (await look()).vms ?? {};
      if (given.has('Name')) throw new Error('a name is a pattern: scripts do not use it');
      if (!given.has('Id')) {
        // Who may not see VMs sees none, and no error.
        const all = hasFault('no-rights') ? [] : Object.values(vms);
        return Promise.all(all.map(objects.virtualMachine));
      }
      const id = toText(given.get('Id')).toLowerCase();
      const vm = vms[id];
      if (!vm) throw refused.noVm(id);
      return [await objects.virtualMachine(vm)];
    },
  },
  {
    name: 'Get-VMSnapshot',
    sets: ['[-VM] <VirtualMachine[]> [[-Name] <String>] [-SnapshotType <SnapshotType>]', '[-Id] <Guid>'],
    async run({ given }) {
      const state = await look();
      if (given.has('Id')) {
        const { vm, checkpoint } = findCheckpoint(state, toText(given.get('Id')));
        return [objects.snapshot(vm, checkpoint)];
      }
      const vm = vmOf(state, given, 'Get-VMSnapshot');
      return vm.checkpoints.map((checkpoint) => objects.snapshot(vm, checkpoint));
    },
  },
  {
    name: 'Get-VMNetworkAdapter',
    sets: ['[-VM] <VirtualMachine[]> [[-Name] <String>]', '[-VMSnapshot] <VMSnapshot> [[-Name] <String>]'],
    async run({ given }) {
      const state = await look();
      const vm = given.has('VM')
        ? vmOf(state, given, 'Get-VMNetworkAdapter')
        : checkpointOf(state, given, 'Get-VMNetworkAdapter').vm;
      return Promise.all(vm.adapters.map((each) => objects.adapter(vm, each)));
    },
  },
  {
    name: 'Get-VMHardDiskDrive',
    sets: ['[-VM] <VirtualMachine[]>', '[-VMSnapshot] <VMSnapshot>'],
    async run({ given }): Promise<Value[]> {
      const state = await look();
      const { drives } = given.has('VM')
        ? vmOf(state, given, 'Get-VMHardDiskDrive')
        : checkpointOf(state, given, 'Get-VMHardDiskDrive').checkpoint;
      return drives.map(objects.drive);
    },
  },
  {
    name: 'Get-VMSecurity',
    sets: ['[-VM] <VirtualMachine[]>'],
    run: async ({ given }) => [objects.security(vmOf(await look(), given, 'Get-VMSecurity'))],
  },
  {
    name: 'Get-VMFirmware',
    sets: ['[-VM] <VirtualMachine[]>', '[-VMSnapshot] <VMSnapshot>'],
    async run({ given }) {
      const state = await look();
      const vm = given.has('VM')
        ? vmOf(state, given, 'Get-VMFirmware')
        : checkpointOf(state, given, 'Get-VMFirmware').vm;
      if (vm.generation === 2) return [objects.firmware(vm)];
      throw refused.failed(
        'Get-VMFirmware',
        'The Generation 1 virtual machine does not support this operation.',
      );
    },
  },
];
