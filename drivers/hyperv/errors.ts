/**
 * What the scripts report when they fail, as coded errors. The one file that matches Hyper-V's and PowerShell's words.
 * Messages are in the language of Windows, so error ids, Windows' numbers and our own words (`Vmtest…`) come before
 * English text.
 */
import { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';
import type { ScriptError } from './answer.ts';

/** The first that fits wins. Matched against `[id] message`, and the exception's .NET name in a line of its own. */
const known: readonly KnownFailure[] = [
  {
    pattern:
      /PSRemoting(?:Transport|DataStructure)Exception|is not in running state|session might have ended/,
    code: 'GUEST_AGENT_LOST',
    message: 'PowerShell Direct does not reach the guest',
    hint: 'It works with Windows 10, Server 2016 and later, once they have booted.',
    retryable: true,
  },
  {
    pattern: /^(?:System\.[\w.]+\.)?PSDirectException$|credential is invalid/m,
    code: 'GUEST_AUTH_FAILED',
    message: 'the guest does not take this name and password',
    hint: 'Check `guest.user` and `guest.password`; accounts without a password cannot log in this way.',
  },
  {
    pattern: /^\[CouldNotAutoLoadModule|^\[Modules_ModuleNotFound|^\[CommandNotFoundException/,
    code: 'HYPERV_MODULE_MISSING',
    message: 'the Hyper-V module for PowerShell is not installed',
    hint: 'Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All',
  },
  {
    pattern: /^\[(?:AccessDenied|UnauthorizedAccess),|required permission|0x80070005|0x80041003/,
    code: 'HYPERV_NO_RIGHTS',
    message: 'you have no rights to Hyper-V',
    hint: 'Join the group Hyper-V Administrators and log in again, or run vmtest from an elevated terminal.',
  },
  {
    pattern: /UnauthorizedAccess|PSSecurityException|running scripts is disabled/,
    code: 'HYPERV_SCRIPTS_FORBIDDEN',
    message: "this host's policy forbids PowerShell scripts",
    hint: 'A group policy overrules -ExecutionPolicy Bypass. See: Get-ExecutionPolicy -List',
  },
  {
    pattern:
      /^\[InvalidParameter,Microsoft\.HyperV\.PowerShell\.Commands\.GetVM\]|unable to find a virtual machine/,
    code: 'HYPERV_VM_MISSING',
    message: 'the VM is not there any more',
  },
  {
    pattern: /^\[\w+,Microsoft\.HyperV\.PowerShell\.Commands\.GetVMSnapshot\]|Unable to find a snapshot/,
    code: 'HYPERV_CHECKPOINT_MISSING',
    message: 'the checkpoint is not there any more',
  },
  {
    pattern: /^\[OutOfMemory,|0x8007000E|Not enough memory/,
    code: 'HYPERV_NO_MEMORY',
    message: 'this host has not enough free memory for the VM',
    hint: 'Give the VM less memory, or lower `limits.jobs`.',
    retryable: true,
  },
  {
    pattern: /0x80070020|being used by another process/,
    code: 'HYPERV_FILE_BUSY',
    message: 'another program holds a file of the VM',
    hint: 'Backup programs and virus scanners do; leave the folders of VMs out of their rounds.',
    retryable: true,
  },
  {
    pattern: /^\[InvalidState,|\b3277[45]\b|0x80070015|in its current state/,
    code: 'HYPERV_STATE',
    message: 'the VM is in a state in which it cannot do that',
    hint: 'Hyper-V may still be merging or applying a checkpoint. Look at: Get-VM | Format-Table Name, State, Status',
    retryable: true,
  },
  {
    pattern: /saved state is incompatible|0xC037010[0-9A-F]|restore (?:this|the) virtual machine/i,
    code: 'HYPERV_STATE_INCOMPATIBLE',
    message: "the checkpoint's memory does not fit this host any more",
    hint: 'It was saved by another version of Windows or on another processor. Take the checkpoint anew.',
  },
  {
    pattern: /0xC0351000|hypervisor is not running/i,
    code: 'HYPERV_NO_HYPERVISOR',
    message: 'the hypervisor does not run on this host',
    hint: 'Switch virtualization on in the firmware, then: bcdedit /set hypervisorlaunchtype auto, and reboot.',
  },
  {
    pattern: /0xC03A000E|chain of virtual hard disks is (?:corrupted|broken)/i,
    code: 'HYPERV_DISK_CHAIN',
    message: 'a differencing disk does not fit its parent, which has changed or is not there',
    hint: 'Take the checkpoint anew. Its disks must not change while clones use them.',
  },
  {
    pattern: /0x80070070|not enough space on the disk/,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
  {
    pattern: /^\[VmtestNoShutdownService\]/,
    code: 'HYPERV_NO_SHUTDOWN_SERVICE',
    message: 'the guest does not offer the shutdown service now',
    hint: 'Enable-VMIntegrationService turns it on; the guest has to have booted.',
  },
  {
    pattern: /^\[VmtestShutdownRefused (\d+)\]/,
    code: 'HYPERV_SHUTDOWN_REFUSED',
    message: 'the guest did not take the request to shut down (code $1)',
  },
  {
    pattern: /^\[VmtestNoPicture (\d+)\]/,
    code: 'HYPERV_NO_PICTURE',
    message: 'Hyper-V gave no picture of the screen (code $1)',
  },
];

export function explain(error: ScriptError, context: FailureContext): VmtestError {
  const { id, message, type, where } = error;
  return explainFailure([`[${id}] ${message}`, type, where].filter(Boolean).join('\n'), context, {
    known,
    tell: () => firstLine(message) || id || 'it gave no reason',
  });
}

/** PowerShell itself failed before or after the script: its words are all there is. */
export function explainSilence(
  said: { exitCode: number | undefined; stdout: string; stderr: string },
  context: FailureContext,
): VmtestError {
  const text = `${said.stderr}\n${said.stdout}`.trim();
  const ended = said.exitCode === undefined ? 'was ended' : `ended with exit code ${said.exitCode}`;
  return explainFailure(
    text,
    { retryable: true, ...context },
    {
      known,
      tell: () => `PowerShell ${ended} and gave no answer${text === '' ? '' : `: ${firstLine(text)}`}`,
    },
  );
}

/** Every other of the engine's commands for this VM has to wait, or this one. */
export function isBusy(error: unknown): boolean {
  return error instanceof VmtestError && ['HYPERV_STATE', 'HYPERV_FILE_BUSY'].includes(error.code);
}

export function isMissing(error: unknown): boolean {
  return error instanceof VmtestError && error.code === 'HYPERV_VM_MISSING';
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/)[0] ?? '';
}
