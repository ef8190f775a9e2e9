/**
 * PowerShell Direct, as far as it goes without a Windows guest: a guest that runs nothing on its end of the VM bus (Linux,
 * or one that has not booted) breaks the session off. So no script ever runs in a guest here.
 */
import { hasFault } from '../faults.ts';
import { cmdlet } from '../runtime/cmdlet.ts';
import { PsError } from '../runtime/errors.ts';
import { PsObject, toText } from '../runtime/values.ts';
import { stateOf } from './machine.ts';
import { look } from './state.ts';

const REMOTING = 'System.Management.Automation.Remoting';
const FAILED = 'CreateRemoteRunspaceForVMFailed,Microsoft.PowerShell.Commands.NewPSSessionCommand';
const CORE = 'Microsoft.PowerShell.Commands';

export const directCmdlets = [
  cmdlet(
    'ConvertTo-SecureString',
    `${CORE}.ConvertToSecureStringCommand`,
    ['[-String] <String> [-AsPlainText] [-Force]'],
    ({ given }) => {
      if (toText(given.get('String')) === '')
        throw new PsError(
          "Cannot bind argument to parameter 'String' because it is an empty string.",
          'ParameterArgumentValidationErrorEmptyStringNotAllowed',
        );
      return [new PsObject('System.Security.SecureString', {})];
    },
  ),
  cmdlet(
    'New-PSSession',
    `${CORE}.NewPSSessionCommand`,
    ['-VMId <Guid[]> -Credential <PSCredential>'],
    async ({ given }) => {
      const id = toText(given.get('VMId'));
      const vm = (await look()).vms?.[id];
      if (!vm)
        throw new PsError(
          `The input VMId ${id} does not resolve to a single virtual machine.`,
          FAILED,
          'InvalidArgument',
        );
      if ((await stateOf(vm)) !== 'Running')
        throw new PsError(
          `The virtual machine ${vm.name} is not in running state.`,
          FAILED,
          'InvalidArgument',
        );
      if (hasFault('bad-login'))
        throw new PsError(
          'The credential is invalid.',
          FAILED,
          'InvalidArgument',
          `${REMOTING}.PSDirectException`,
        );
      throw new PsError(
        'An error has occurred which Windows PowerShell cannot handle. A remote session might have ended.',
        FAILED,
        'InvalidOperation',
        `${REMOTING}.PSRemotingDataStructureException`,
      );
    },
  ),
];
