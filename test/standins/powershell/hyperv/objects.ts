/** Hyper-V's objects, as its cmdlets hand them out. */
import { hasFault } from '../faults.ts';
import { EnumValue, Guid, PsObject, type Value } from '../runtime/values.ts';
import { answers, isBusy, stateOf } from './machine.ts';
import { type Adapter, addressOf, type Checkpoint, type Drive, type Vm } from './state.ts';

const STATES: Record<string, number> = { Running: 2, Off: 3, Saved: 6, Paused: 9 };
const EMPTY = new Guid('00000000-0000-0000-0000-000000000000');

export async function virtualMachine(vm: Vm): Promise<PsObject> {
  const state = await stateOf(vm);
  return new PsObject('Microsoft.HyperV.PowerShell.VirtualMachine', {
    Id: new Guid(vm.id),
    Name: vm.name,
    State: new EnumValue(state, STATES[state] ?? 1),
    PrimaryOperationalStatus: isBusy(vm) ? new EnumValue('InService', 11) : new EnumValue('Ok', 2),
    Generation: vm.generation,
    MemoryStartup: vm.memory,
    ProcessorCount: vm.cpus,
  });
}

export function snapshot(vm: Vm, { id, name, parent, type, state }: Checkpoint): PsObject {
  return new PsObject('Microsoft.HyperV.PowerShell.VMSnapshot', {
    Id: new Guid(id),
    VMId: new Guid(vm.id),
    Name: name,
    ParentSnapshotId: parent === undefined ? null : new Guid(parent),
    SnapshotType: new EnumValue(type, type === 'Standard' ? 0 : 4),
    State: new EnumValue(state, STATES[state] ?? 1),
    MemoryStartup: vm.memory,
    ProcessorCount: vm.cpus,
  });
}

export function drive({ path, controllerType, controllerNumber, controllerLocation }: Drive): PsObject {
  return new PsObject('Microsoft.HyperV.PowerShell.HardDiskDrive', {
    Path: path,
    ControllerType: new EnumValue(controllerType, controllerType === 'IDE' ? 0 : 1),
    ControllerNumber: controllerNumber,
    ControllerLocation: controllerLocation,
  });
}

export async function adapter(vm: Vm, { name, switchName }: Adapter): Promise<PsObject> {
  const knows = !hasFault('no-address') && (await answers(vm));
  const addresses: Value[] = knows ? ['fe80::215:5dff:fe01:203', '169.254.7.9', addressOf(vm)] : [];
  return new PsObject('Microsoft.HyperV.PowerShell.VMNetworkAdapter', {
    Name: name,
    SwitchName: switchName,
    IPAddresses: addresses,
  });
}

export function firmware({ secureBoot }: Vm): PsObject {
  return new PsObject('Microsoft.HyperV.PowerShell.VMFirmware', {
    SecureBoot: secureBoot.on ? new EnumValue('On', 0) : new EnumValue('Off', 1),
    SecureBootTemplate: secureBoot.template,
  });
}

export function security({ tpm }: Vm): PsObject {
  return new PsObject('Microsoft.HyperV.PowerShell.VMSecurity', { TpmEnabled: tpm, Id: EMPTY });
}
