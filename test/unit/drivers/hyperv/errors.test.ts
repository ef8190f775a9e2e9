import { describe, expect, test } from 'vitest';
import { explain, explainSilence, isBusy, isMissing } from '../../../../drivers/hyperv/errors.ts';

const TYPE = 'Microsoft.HyperV.PowerShell.Commands';
const context = { doing: 'starting the VM w', code: 'HYPERV_START_FAILED' };
const because = (id: string, message: string, type = '') =>
  explain({ id, message, type, category: 'NotSpecified', where: 'at <ScriptBlock>' }, context);

describe('errors of the scripts', () => {
  test.each([
    [`InvalidParameter,${TYPE}.GetVM`, 'Hyper-V a été dans l’impossibilité…', 'HYPERV_VM_MISSING', false],
    [
      `InvalidParameter,${TYPE}.GetVMSnapshot`,
      'Es wurde kein Snapshot gefunden.',
      'HYPERV_CHECKPOINT_MISSING',
      false,
    ],
    ['x', 'Unable to find a snapshot matching the given criteria.', 'HYPERV_CHECKPOINT_MISSING', false],
    [`AccessDenied,${TYPE}.StartVM`, 'Vous ne disposez pas…', 'HYPERV_NO_RIGHTS', false],
    [`OutOfMemory,${TYPE}.StartVM`, 'Nicht genügend Arbeitsspeicher', 'HYPERV_NO_MEMORY', true],
    [`InvalidState,${TYPE}.RestoreVMSnapshot`, 'état actuel', 'HYPERV_STATE', true],
    ['x', "'w' failed to shut down. The device is not ready for use. (0x80070015)", 'HYPERV_STATE', true],
    [`OperationFailed,${TYPE}.StartVM`, 'Attachment failed (0x80070020).', 'HYPERV_FILE_BUSY', true],
    [
      `OperationFailed,${TYPE}.StartVM`,
      'the saved state is incompatible',
      'HYPERV_STATE_INCOMPATIBLE',
      false,
    ],
    [
      `OperationFailed,${TYPE}.StartVM`,
      'because the hypervisor is not running.',
      'HYPERV_NO_HYPERVISOR',
      false,
    ],
    [
      `OperationFailed,${TYPE}.StartVM`,
      'The chain of virtual hard disks is corrupted.',
      'HYPERV_DISK_CHAIN',
      false,
    ],
    ['x', 'There is not enough space on the disk. (0x80070070)', 'DISK_FULL', false],
    ['CouldNotAutoLoadModule', "The module 'Hyper-V' could not be loaded.", 'HYPERV_MODULE_MISSING', false],
    ['VmtestNoShutdownService', 'VmtestNoShutdownService', 'HYPERV_NO_SHUTDOWN_SERVICE', false],
    ['VmtestShutdownRefused 32781', 'VmtestShutdownRefused 32781', 'HYPERV_SHUTDOWN_REFUSED', false],
    ['VmtestShutdownRefused 32775', 'VmtestShutdownRefused 32775', 'HYPERV_STATE', true],
    ['VmtestNoPicture 32770', 'VmtestNoPicture 32770', 'HYPERV_NO_PICTURE', false],
    [`OperationFailed,${TYPE}.StartVM`, 'Nobody knows this one.\r\nMore.', 'HYPERV_START_FAILED', false],
  ])('%s %s', (id, message, code, retryable) => {
    expect(because(id, message)).toMatchObject({ code, retryable });
  });

  test.each([
    ['System.Management.Automation.Remoting.PSDirectException', 'Les informations…', 'GUEST_AUTH_FAILED'],
    ['x', 'The credential is invalid.', 'GUEST_AUTH_FAILED'],
    ['System.Management.Automation.Remoting.PSRemotingDataStructureException', '…', 'GUEST_AGENT_LOST'],
    [
      'System.Management.Automation.Remoting.PSDirectException',
      'An error has occurred which Windows PowerShell cannot handle. A remote session might have ended.',
      'GUEST_AGENT_LOST',
    ],
    ['x', 'The virtual machine w is not in running state.', 'GUEST_AGENT_LOST'],
  ])('PowerShell Direct: %s %s', (type, message, code) => {
    expect(because('CreateRemoteRunspaceForVMFailed', message, type)).toMatchObject({ code });
  });

  test('name what was done, and keep all that was said', () => {
    const error = because(`OperationFailed,${TYPE}.StartVM`, 'Nobody knows this one.\r\nMore.');
    expect(error.message).toBe('starting the VM w failed: Nobody knows this one.');
    expect(error.details).toContain('More.');
    expect(error.details).toContain('at <ScriptBlock>');
    expect(because('', '').message).toBe('starting the VM w failed: it gave no reason');
  });

  test('a state that passes is busy, and a VM that is gone is missing', () => {
    expect(isBusy(because(`InvalidState,${TYPE}.StartVM`, ''))).toBe(true);
    expect(isBusy(because(`OutOfMemory,${TYPE}.StartVM`, ''))).toBe(false);
    expect(isBusy(new Error('InvalidState'))).toBe(false);
    expect(isMissing(because(`InvalidParameter,${TYPE}.GetVM`, ''))).toBe(true);
  });
});

describe('PowerShell without an answer', () => {
  test('says what it said itself', () => {
    const error = explainSilence({ exitCode: 1, stdout: '', stderr: 'Out of stack.\nat 1' }, context);
    expect(error).toMatchObject({ code: 'HYPERV_START_FAILED', retryable: true });
    expect(error.message).toContain('PowerShell ended with exit code 1 and gave no answer: Out of stack.');
    expect(explainSilence({ exitCode: undefined, stdout: '', stderr: '' }, context).message).toContain(
      'PowerShell was ended and gave no answer',
    );
  });

  test('a policy that forbids scripts is known', () => {
    const stderr =
      'File C:\\x.ps1 cannot be loaded because running scripts is disabled on this system.\n' +
      '    + FullyQualifiedErrorId : UnauthorizedAccess';
    expect(explainSilence({ exitCode: 1, stdout: '', stderr }, context)).toMatchObject({
      code: 'HYPERV_SCRIPTS_FORBIDDEN',
      retryable: false,
    });
  });
});
