/**
 * What `vmrun` prints when it fails, as coded errors. The one file that matches its text; the wording is that of Workstation 12 to 17 and
 * Fusion 8 to 13, and what is not known here becomes the caller's own code.
 */
import type { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

/** What `isBusy` looks for. */
export const BUSY = 'VMWARE_BUSY';
export const NOT_RUNNING = 'VMWARE_NOT_RUNNING';
export const VM_FILE_MISSING = 'VMWARE_VM_FILE_MISSING';

const NO_TOOLS_HINT = 'Are VMware Tools (open-vm-tools) installed in the guest, and has it booted?';

const common: readonly KnownFailure[] = [
  {
    pattern:
      /The file is already in use|The virtual machine is busy|This (?:VM|virtual machine) (?:is|appears to be) in use|Failed to lock the file/,
    code: BUSY,
    message: 'another process has the VM, or VMware is not done with it yet',
    hint: 'Close the VM in the VMware window. When nobody has it, a crash has left its lock: remove the *.lck folders beside its .vmx.',
    retryable: true,
  },
  {
    pattern: /The virtual machine is not powered on/,
    code: NOT_RUNNING,
    message: 'the VM does not run',
    hint: 'It powered off, crashed, or was stopped by somebody else.',
  },
  {
    pattern: /Cannot open VM: [^\n]*|The virtual machine cannot be found/,
    code: VM_FILE_MISSING,
    message: "VMware cannot open the VM's .vmx file",
    hint: 'Was it moved or removed, and may you read it?',
  },
  {
    pattern: /The snapshot does not exist|Invalid snapshot name/,
    code: 'VMWARE_SNAPSHOT_MISSING',
    message: 'the snapshot is not there any more',
    hint: 'List them with: vmrun listSnapshots PATH-OF-VMX showTree',
  },
  {
    pattern: /Encrypted virtual machine password|[Ii]ncorrect password|password is (?:incorrect|required)/,
    code: 'VMWARE_ENCRYPTED',
    message: 'the VM is encrypted, and its password is missing or wrong',
    hint: 'Set `encryption-password` of the target.',
  },
  {
    pattern: /Unable to connect to host/,
    code: 'VMWARE_NO_HOST',
    message: 'vmrun finds no VMware product to talk to',
    hint: 'Start VMware once by hand, on Windows look whether its services run, and see that `edition` fits what is installed.',
  },
  {
    pattern:
      /One of the parameters was invalid|The operation is not supported(?! for the specified parameters)/,
    code: 'VMWARE_UNSUPPORTED',
    message: 'this edition of VMware, or this VM, does not allow it',
    hint: 'Player has neither snapshots nor clones, and linked clones of encrypted VMs cannot be had: try `clone: none`.',
  },
  {
    pattern: /Unrecognized command: [^\n]*|The operation is not supported for the specified parameters/,
    code: 'VMWARE_TOO_OLD',
    message: 'this vmrun does not know the command, or not for this kind of host: $&',
    hint: 'Update VMware, and see that `edition` fits what is installed.',
  },
  {
    pattern: /[Oo]peration was cancell?ed/,
    code: 'VMWARE_CANCELLED',
    message: 'somebody closed a dialog of VMware',
    hint: 'Start the VM once by hand and answer what it asks, then take the snapshot anew.',
  },
  {
    pattern: /No space left on device|not enough (?:disk )?space|There is not enough space/i,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
  {
    pattern: /[Nn]ot enough (?:physical )?memory|Cannot allocate memory|[Ii]nsufficient memory/,
    code: 'VMWARE_NO_MEMORY',
    message: 'this host has not enough free memory for the VM',
    hint: 'Give the VM less memory, or lower `limits.jobs`.',
    retryable: true,
  },
];

/** The same text can mean the host's files or the guest's, so commands that work in a guest have a table of their own. */
const inGuest: readonly KnownFailure[] = [
  {
    pattern: /VMware Tools are not running|[Tt]he VMware Tools [^\n]*not (?:running|installed)/,
    code: 'GUEST_AGENT_LOST',
    message: 'VMware Tools do not run in the guest',
    hint: NO_TOOLS_HINT,
    retryable: true,
  },
  {
    pattern: /The virtual machine is not powered on/,
    code: 'GUEST_AGENT_LOST',
    message: 'the VM does not run any more',
    hint: 'The guest powered off or crashed. Look at the end of console.log.',
    retryable: true,
  },
  {
    pattern: /Invalid user name or password for the guest OS/,
    code: 'GUEST_AUTH_FAILED',
    message: 'the guest refuses `guest.user` with `guest.password`',
    hint: 'Tools need a local account with a password that is not empty; keys are for `channel: ssh`.',
  },
  {
    pattern: /must be logged in interactively/,
    code: 'VMWARE_NO_DESKTOP',
    message: 'the guest wants its user to be logged in on its desktop',
    hint: 'Let `guest.user` be logged in when the snapshot is taken, or use `channel: ssh`.',
  },
  {
    pattern: /A file was not found|file name is not valid|[Ii]nsufficient permissions|Permission denied/,
    code: 'GUEST_AGENT_REFUSED',
    message: 'the guest has no such file, or does not let `guest.user` at it',
  },
];

/** An error out of what a command on the host side said. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, { known: common, tell });
}

/** An error out of what a command that works in a guest said. */
export function explainInGuest(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, { known: [...inGuest, ...common], tell });
}

/** What follows `Error:`, or the last line. */
function tell(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const error = lines
    .find((line) => line.startsWith('Error:'))
    ?.slice('Error:'.length)
    .trim();
  return error ?? lines.findLast((line) => line !== '') ?? 'vmrun said nothing';
}
