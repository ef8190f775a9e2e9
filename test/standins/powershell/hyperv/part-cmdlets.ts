/** Cmdlets for the parts of VMs: disks, network adapters, firmware. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { PsObject, toText } from '../runtime/values.ts';
import { oneOf, vmOf } from './arguments.ts';
import type { HypervCmdlet } from './cmdlets.ts';
import * as machine from './machine.ts';
import * as objects from './objects.ts';
import * as refused from './refusals.ts';
import { change, type Drive } from './state.ts';

export const partCmdlets: readonly HypervCmdlet[] = [
  {
    name: 'New-VHD',
    sets: ['[-Path] <String[]> [-ParentPath] <String> [[-SizeBytes] <UInt64>] [-Differencing]'],
    async run({ given }) {
      const [path, parent] = [toText(given.get('Path')), toText(given.get('ParentPath'))];
      if (!given.isOn('Differencing')) throw new Error('scripts make differencing disks');
      if (existsSync(path)) throw refused.failed('New-VHD', `The file exists. (0x80070050): '${path}'`);
      if (extname(path) !== extname(parent).replace('.avhd', '.vhd'))
        throw refused.failed('New-VHD', 'A differencing disk has the format of its parent.');
      await change(async (state) => {
        if (!machine.findCheckpointOf(state, parent))
          throw refused.failed(
            'New-VHD',
            `The system cannot find the file specified. (0x80070002): '${parent}'`,
          );
        await writeFile(path, 'vhdxfile');
        state.disks = { ...state.disks, [path]: { parent } };
      });
      return [new PsObject('Microsoft.Vhd.PowerShell.VirtualHardDisk', { Path: path, ParentPath: parent })];
    },
  },
  {
    name: 'Add-VMHardDiskDrive',
    sets: [
      '[-VM] <VirtualMachine[]> [[-ControllerType] <ControllerType>] [[-ControllerNumber] <Int32>] [[-ControllerLocation] <Int32>] ' +
        '[[-Path] <String>] [-Passthru] [-Confirm]',
    ],
    async run({ given }) {
      oneOf(given, 'ControllerType', ['IDE', 'SCSI']);
      const drive: Drive = {
        path: toText(given.get('Path')),
        controllerType: toText(given.get('ControllerType')) as Drive['controllerType'],
        controllerNumber: Number(given.get('ControllerNumber')),
        controllerLocation: Number(given.get('ControllerLocation')),
      };
      await change((state) => machine.attach(state, vmOf(state, given, 'Add-VMHardDiskDrive'), drive));
      return given.isOn('Passthru') ? [objects.drive(drive)] : [];
    },
  },
  {
    name: 'Remove-VMNetworkAdapter',
    sets: ['[-VM] <VirtualMachine[]> [-Name <String>] [-Passthru] [-Confirm]'],
    async run({ given }) {
      await change((state) => {
        vmOf(state, given, 'Remove-VMNetworkAdapter').adapters = [];
      });
      return [];
    },
  },
  {
    name: 'Add-VMNetworkAdapter',
    sets: ['[-VM] <VirtualMachine[]> [-SwitchName <String>] [-Name <String>] [-Passthru] [-Confirm]'],
    async run({ given }) {
      await change((state) => {
        const adapter = { name: toText(given.get('Name')), switchName: toText(given.get('SwitchName')) };
        vmOf(state, given, 'Add-VMNetworkAdapter').adapters.push(adapter);
      });
      return [];
    },
  },
  {
    name: 'Set-VMFirmware',
    sets: [
      '[-VM] <VirtualMachine[]> [-FirstBootDevice <VMComponentObject>] [-EnableSecureBoot <OnOffState>] [-SecureBootTemplate <String>]',
    ],
    async run({ given }) {
      const first = given.get('FirstBootDevice');
      if (!(first instanceof PsObject)) throw refused.wrongType('Set-VMFirmware', 'FirstBootDevice');
      await change((state) => {
        const vm = vmOf(state, given, 'Set-VMFirmware');
        if (vm.generation !== 2)
          throw refused.failed(
            'Set-VMFirmware',
            'The Generation 1 virtual machine does not support this operation.',
          );
        vm.secureBoot = {
          on: toText(given.get('EnableSecureBoot')) === 'On',
          template: toText(given.get('SecureBootTemplate')),
        };
      });
      return [];
    },
  },
];
