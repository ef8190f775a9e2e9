/** From a cmdlet's parameters to what Hyper-V's service remembers. */
import type { Bound } from '../runtime/bind.ts';
import type { Scope } from '../runtime/scope.ts';
import { PsObject, toText } from '../runtime/values.ts';
import * as refused from './refusals.ts';
import type { Checkpoint, Hyperv, Vm } from './state.ts';

/** The VM that `-VM` names: an object, as text would be another parameter. */
export function vmOf(state: Hyperv, given: Bound, command: string): Vm {
  const id = idOf(given, 'VM', 'Microsoft.HyperV.PowerShell.VirtualMachine', command);
  const vm = state.vms?.[id];
  if (!vm) throw refused.noVm(id);
  return vm;
}

export function checkpointOf(
  state: Hyperv,
  given: Bound,
  command: string,
): { vm: Vm; checkpoint: Checkpoint } {
  const id = idOf(given, 'VMSnapshot', 'Microsoft.HyperV.PowerShell.VMSnapshot', command);
  return findCheckpoint(state, id);
}

export function findCheckpoint(state: Hyperv, id: string): { vm: Vm; checkpoint: Checkpoint } {
  for (const vm of Object.values(state.vms ?? {})) {
    const checkpoint = vm.checkpoints.find((each) => each.id === id.toLowerCase());
    if (checkpoint) return { vm, checkpoint };
  }
  throw refused.noCheckpoint();
}

function idOf(given: Bound, parameter: string, type: string, command: string): string {
  const value = given.get(parameter);
  if (!(value instanceof PsObject) || value.type !== type) throw refused.wrongType(command, parameter);
  return toText(value.get('Id'));
}

/** Warnings are printed on stdout. */
export function warn(scope: Scope, text: string): void {
  if (toText(scope.get('WarningPreference')) !== 'SilentlyContinue')
    process.stdout.write(`WARNING: ${text}\n`);
}

/** A value of an enum, by its name. */
export function oneOf(given: Bound, parameter: string, values: readonly string[]): void {
  if (given.has(parameter) && !values.includes(toText(given.get(parameter))))
    throw refused.wrongType('the command', parameter);
}
