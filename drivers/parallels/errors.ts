/**
 * What Parallels' programs print when they fail, as coded errors. The one file that matches their text. The wording is
 * that of the issues and sources of vagrant-parallels and packer-plugin-parallels, and of reports on versions up to 27;
 * what is not known here becomes the caller's own code.
 */
import { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

/** The first that fits wins. */
const known: readonly KnownFailure[] = [
  {
    pattern: /Login failed:|Unable to connect to Parallels Service/,
    code: 'PARALLELS_SERVICE_DOWN',
    message: 'the service of Parallels Desktop does not answer',
    hint: 'Open Parallels Desktop once, as the user who runs vmtest and who is logged in at the Mac.',
    retryable: true,
  },
  {
    pattern: /Data synchronization is currently in progress|virtual machine is busy/,
    code: 'PARALLELS_BUSY',
    message: 'Parallels Desktop is still busy with the VM',
    hint: 'It should be free in a moment. Close dialogs of the VM that wait for an answer.',
    retryable: true,
  },
  {
    pattern: /Unable to open new session in this virtual machine/,
    code: 'PARALLELS_TOOLS_DOWN',
    message: 'Parallels Tools do not answer in the VM',
    hint:
      'It may still be booting. Install Parallels Tools in it, and let the host in: prlctl set VM --isolate-vm off. ' +
      'Or use `channel: ssh`.',
    retryable: true,
  },
  {
    // Documented as transient: `PrlVmGuest_RunProgram`, `PrlJob_GetRetCode` and `PrlJob_GetResult` say so.
    pattern: /Prl(?:VmGuest|Job)_\w+: Invalid argument/,
    code: 'PARALLELS_CHANNEL_STALE',
    message: 'the channel into the VM has gone stale',
    retryable: true,
  },
  {
    pattern: /because "(.*?)" is not started/,
    code: 'PARALLELS_NOT_RUNNING',
    message: 'the VM $1 does not run',
  },
  {
    pattern: /PRL_ERR_IO_STOPPED/,
    code: 'PARALLELS_NOT_RUNNING',
    message: 'the VM does not run',
  },
  {
    pattern: /snapshot with the specified ID was not found/i,
    code: 'PARALLELS_SNAPSHOT_MISSING',
    message: 'the snapshot is not there any more',
    hint: 'List them with: prlctl snapshot-list VM',
  },
  {
    pattern: /virtual machine could not be found|is not registered in the virtual machine directory/,
    code: 'PARALLELS_VM_MISSING',
    message: 'Parallels Desktop does not know the VM',
    hint: 'VMs belong to the user who registered them. List yours with: prlctl list --all',
  },
  {
    pattern: /not supported in this edition|not available in (?:this|the \S+) edition/i,
    code: 'PARALLELS_EDITION',
    message: 'this edition of Parallels Desktop does not allow it',
    hint: 'The command line needs the Pro, Business or Enterprise edition.',
  },
  {
    pattern: /password (?:is )?required|enter (?:the |your )?password|requires? (?:a |the |your )?password/i,
    code: 'PARALLELS_PASSWORD',
    message: 'Parallels Desktop asks for a password first',
    hint: 'Let clones be made without one: prlsrvctl set --require-pwd clone-vm:off',
  },
  {
    pattern: /VZErrorDomain/,
    code: 'PARALLELS_RESTORE_FAILED',
    message: "macOS' own virtualization refuses the saved state",
    hint: 'Take the snapshot of a macOS guest while it is shut down, not suspended or running.',
  },
  {
    pattern: /No space left on device|not enough (?:free )?(?:disk )?space/i,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
];

/** An error out of what a program said; its whole text is kept as details. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, { known, tell: (said) => lastLine(said) || 'it said nothing' });
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof VmtestError && codes.includes(error.code);
}

function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? '';
}
