/** Hyper-V's errors, in its words. */
import { PsError } from '../runtime/errors.ts';

const TYPE = 'Microsoft.HyperV.PowerShell.Commands';

export function typeOf(command: string): string {
  return `${TYPE}.${command.replace('-', '')}`;
}

export function noVm(id: string): PsError {
  return new PsError(
    `Hyper-V was unable to find a virtual machine with ID "${id}".`,
    `InvalidParameter,${typeOf('Get-VM')}`,
    'InvalidArgument',
  );
}

export function noCheckpoint(): PsError {
  return new PsError(
    'Unable to find a snapshot matching the given criteria.',
    `InvalidParameter,${typeOf('Get-VMSnapshot')}`,
    'InvalidArgument',
  );
}

export function wrongState(command: string): PsError {
  return new PsError(
    'The operation cannot be performed while the virtual machine is in its current state.',
    `InvalidState,${typeOf(command)}`,
    'InvalidOperation',
  );
}

export function noPermission(command: string): PsError {
  return new PsError(
    'You do not have the required permission to complete this task. Contact the administrator of the authorization policy ' +
      "for the computer 'HOST'.",
    `AccessDenied,${typeOf(command)}`,
    'PermissionDenied',
  );
}

export function noMemory(name: string): PsError {
  return new PsError(
    `'${name}' failed to start. Not enough memory in the system to start the virtual machine ${name}.`,
    `OutOfMemory,${typeOf('Start-VM')}`,
    'OperationStopped',
  );
}

export function failed(command: string, message: string): PsError {
  return new PsError(message, `OperationFailed,${typeOf(command)}`, 'NotSpecified');
}

/** What a prompt becomes with -NonInteractive. */
export function wouldAsk(command: string): PsError {
  return new PsError(
    'PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.',
    `InvalidOperation,${typeOf(command)}`,
    'InvalidOperation',
  );
}

export function wrongType(command: string, parameter: string): PsError {
  return new PsError(
    `Cannot bind parameter '${parameter}'.`,
    `CannotConvertArgumentNoMessage,${typeOf(command)}`,
    'InvalidArgument',
  );
}
