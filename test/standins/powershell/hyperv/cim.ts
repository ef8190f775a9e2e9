/** The part of Hyper-V that is only reached through CIM: processes, the shutdown service, pictures. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitor, powerButton } from '../../machine/backing.ts';
import { type Cmdlet, cmdlet } from '../runtime/cmdlet.ts';
import { PsError } from '../runtime/errors.ts';
import { Hashtable, PsObject, toText, type Value } from '../runtime/values.ts';
import { answers, stateOf } from './machine.ts';
import { readPpm, toRgb565 } from './picture.ts';
import { backingOf, look, type Vm } from './state.ts';

const NAMESPACE = 'root/virtualization/v2';
const CMDLETS = 'Microsoft.Management.Infrastructure.CimCmdlets';
/** Of the services' methods. */
const INVALID_STATE = 32_775;

export function cimCmdlets(): Cmdlet[] {
  return [
    cmdlet(
      'Get-CimInstance',
      `${CMDLETS}.GetCimInstanceCommand`,
      ['-Namespace <String> [-ClassName] <String> [-Filter <String>]'],
      async ({ given }) => {
        if (toText(given.get('Namespace')) !== NAMESPACE) throw invalid('namespace');
        return instances(toText(given.get('ClassName')), toText(given.get('Filter')));
      },
    ),
    cmdlet(
      'Get-CimAssociatedInstance',
      `${CMDLETS}.GetCimAssociatedInstanceCommand`,
      ['[-InputObject] <CimInstance> [-Association <String>] [-ResultClassName <String>]'],
      ({ given }) => {
        const of = given.get('InputObject');
        const association = toText(given.get('Association'));
        if (!(of instanceof PsObject) || association !== 'Msvm_SettingsDefineState')
          throw invalid('association');
        return [new PsObject('Msvm_VirtualSystemSettingData', { VM: of.get('Name') })];
      },
    ),
    cmdlet(
      'Invoke-CimMethod',
      `${CMDLETS}.InvokeCimMethodCommand`,
      ['[-InputObject] <CimInstance> [-MethodName] <String> [[-Arguments] <IDictionary>]'],
      async ({ given }) => {
        const of = given.get('InputObject');
        const args = given.get('Arguments');
        if (!(of instanceof PsObject) || !(args instanceof Hashtable)) throw invalid('object');
        return [await invoke(of, toText(given.get('MethodName')), args)];
      },
    ),
  ];
}

async function instances(className: string, filter: string): Promise<Value[]> {
  if (className === 'Msvm_VirtualSystemManagementService' && filter === '')
    return [new PsObject(className, {})];
  const [, property, id = ''] = /^(\w+)='([0-9a-f-]{36})'$/.exec(filter) ?? [];
  const vm = (await look()).vms?.[id];
  if (className === 'Msvm_ComputerSystem' && property === 'Name') return vm ? [await computer(vm)] : [];
  if (className !== 'Msvm_ShutdownComponent' || property !== 'SystemName') throw invalid('class');
  return vm && (await answers(vm)) ? [new PsObject(className, { SystemName: id })] : [];
}

async function computer(vm: Vm): Promise<PsObject> {
  const runs = (await stateOf(vm)) === 'Running';
  return new PsObject('Msvm_ComputerSystem', { Name: vm.id, ProcessID: runs ? (vm.process ?? null) : null });
}

async function invoke(of: PsObject, method: string, args: Hashtable): Promise<PsObject> {
  const vms = (await look()).vms ?? {};
  if (of.type === 'Msvm_ShutdownComponent' && method === 'InitiateShutdown') {
    const vm = vms[toText(of.get('SystemName'))];
    if (!vm || (await stateOf(vm)) !== 'Running') return result({ ReturnValue: INVALID_STATE });
    await powerButton(backingOf(vm));
    return result({ ReturnValue: 0 });
  }
  if (of.type !== 'Msvm_VirtualSystemManagementService' || method !== 'GetVirtualSystemThumbnailImage')
    throw invalid('method');
  const target = args.get('TargetSystem');
  const vm = target instanceof PsObject ? vms[toText(target.get('VM'))] : undefined;
  if (!vm || (await stateOf(vm)) !== 'Running') return result({ ReturnValue: INVALID_STATE });
  const size = { width: Number(args.get('WidthPixels')), height: Number(args.get('HeightPixels')) };
  return result({ ReturnValue: 0, ImageData: await thumbnail(vm, size) });
}

async function thumbnail(vm: Vm, size: { width: number; height: number }): Promise<Uint8Array> {
  const backing = backingOf(vm);
  const filename = join(backing.folder, 'screen.ppm');
  await monitor(backing, 'screendump', { filename, format: 'ppm' });
  const image = toRgb565(readPpm(await readFile(filename)), size);
  await rm(filename);
  return image;
}

function result(members: Record<string, Value>): PsObject {
  return new PsObject('CimMethodResult', members);
}

function invalid(what: string): PsError {
  return new PsError(
    `Invalid ${what}`,
    `HRESULT 0x80041010,${CMDLETS}.GetCimInstanceCommand`,
    'MetadataError',
  );
}
