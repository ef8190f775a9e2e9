/**
 * What VBoxManage prints when it fails, as coded errors. The one file that matches its texts. Names of errors
 * (`VBOX_E_…`) are the same in every language; Windows says `E_INVALIDARG` where others say `NS_ERROR_INVALID_ARG`.
 */
import { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

const MODULES = 'On Linux: sudo /sbin/vboxconfig, or install virtualbox-dkms and the headers of your kernel.';

const SERVICE_BUSY =
  /The object is not ready|VirtualBox COM server is not running|Failed to create the VirtualBox object/;

/** The first that fits wins: particular causes come before the general code that comes with them. */
const known: readonly KnownFailure[] = [
  {
    pattern:
      /kernel modules? (?:is|are) not loaded|\/dev\/vboxdrv does not exist|VERR_VM_DRIVER_NOT_(?:INSTALLED|ACCESSIBLE|LOADED)|rc=-1908/,
    code: 'VIRTUALBOX_NO_DRIVER',
    message: "VirtualBox's kernel driver (vboxdrv) is not loaded",
    hint: `${MODULES} On macOS: allow the system extension in the privacy settings. On Windows: repair the installation.`,
  },
  {
    pattern: /VERR_VMX_IN_VMX_ROOT_MODE|VERR_SVM_IN_USE/,
    code: 'VIRTUALBOX_CPU_IN_USE',
    message: 'another hypervisor uses the hardware virtualisation of this host',
    hint: 'Stop its machines; on Linux 6.12 and later also unload KVM: sudo modprobe -r kvm_intel (or kvm_amd).',
  },
  {
    pattern:
      /VERR_VMX_NO_VMX|VERR_SVM_NO_SVM|VERR_VMX_MSR_\w+|VERR_SVM_DISABLED|VERR_NEM_NOT_AVAILABLE|(?:VT-x|AMD-V) is (?:not available|disabled)/,
    code: 'VIRTUALBOX_NO_VIRTUALISATION',
    message: 'this host offers VirtualBox no hardware virtualisation ($&)',
    hint: 'Switch VT-x or AMD-V on in the firmware. Inside a VM, it needs nested virtualisation.',
  },
  {
    pattern: /VERR_NO_MEMORY|VERR_NO_LOW_MEMORY|E_OUTOFMEMORY|NS_ERROR_OUT_OF_MEMORY/,
    code: 'VIRTUALBOX_NO_MEMORY',
    message: 'this host has not enough free memory for the VM',
    hint: 'Lower `limits.jobs`, or the memory of the VM.',
    retryable: true,
  },
  {
    pattern: /VERR_DISK_FULL/,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
  {
    pattern:
      /is already locked (?:by|for) a session|while it is locked|is already being locked|being unlocked/,
    code: 'VIRTUALBOX_LOCKED',
    message: 'another process holds the VM',
    hint: 'Close its settings window, and other programs that work on it.',
    retryable: true,
  },
  {
    pattern: SERVICE_BUSY,
    code: 'VIRTUALBOX_SERVICE_BUSY',
    message: "VirtualBox's service (VBoxSVC) is starting or ending",
    hint: 'When it stays so: end VBoxSVC, then try `VBoxManage list vms`.',
    retryable: true,
  },
  {
    pattern: /The object functionality is limited/,
    code: 'VIRTUALBOX_INACCESSIBLE',
    message: "VirtualBox cannot read the VM's settings",
    hint: 'Open VirtualBox: it says what is wrong with it, and can remove it from its list.',
  },
  {
    pattern: /Could not find a registered machine (?:named '(.*?)'|with UUID)/s,
    code: 'VM_MISSING',
    message: 'there is no such VM',
    hint: 'List them with: VBoxManage list vms. Each user has VMs of their own.',
  },
  {
    pattern:
      /Could not find a snapshot (?:named '(.*?)'|with UUID)|This machine does not have any snapshots/s,
    code: 'SNAPSHOT_MISSING',
    message: 'the VM has no such snapshot',
    hint: 'List them with: VBoxManage snapshot VM list',
  },
  {
    pattern: /Machine settings file '([^']*)' already exists/,
    code: 'VIRTUALBOX_NAME_TAKEN',
    message: 'there is a VM in $1 already',
  },
  {
    pattern: /is not currently running|is not running \(currently|VBOX_E_VM_ERROR.*PoweredOff/,
    code: 'VIRTUALBOX_NOT_RUNNING',
    message: 'the VM does not run',
  },
  {
    pattern:
      /Cannot delete the current state of the running machine|The machine is not mutable \(state is (\w+)\)/,
    code: 'VIRTUALBOX_VM_STATE',
    message: 'the VM is in the wrong state for that',
  },
  {
    pattern: /A NAT rule of this name already exists|A NAT rule for this host port/,
    code: 'VIRTUALBOX_PORT_TAKEN',
    message: 'the VM forwards that port already',
    retryable: true,
  },
  {
    pattern: /Invalid frontend name/,
    code: 'VIRTUALBOX_NO_HEADLESS',
    message: 'this VirtualBox cannot start VMs without a window',
    hint: 'Install the whole of it: VBoxHeadless is missing.',
  },
  {
    pattern: /has terminated unexpectedly during startup[^\n]*/,
    code: 'VIRTUALBOX_START_FAILED',
    message: 'VirtualBox ended $&',
    hint: 'Its logs say why: VBox.log and VBoxHardening.log in the folder Logs of the VM. The usual cause is a missing kernel driver; see `vmtest doctor`.',
  },
  {
    pattern: /RTR3Init: VERR_NO_TRANSLATION/,
    code: 'VIRTUALBOX_LOCALE',
    message: 'VBoxManage does not take names with such letters in this locale',
    hint: 'Install the locale C.UTF-8, or rename the VM.',
  },
];

/** An error out of what VBoxManage said; its whole text is kept as details. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, { known, tell: (said) => firstError(said) || 'it said nothing' });
}

/** What can't reach the guest by guestcontrol now, and what never will. */
const guest: readonly KnownFailure[] = [
  {
    pattern:
      /Guest Additions are not installed or not ready|guest execution service is not ready|Error starting guest session|VERR_TIMEOUT|current status is: /,
    code: 'GUEST_NOT_READY',
    message: 'the Guest Additions do not answer yet',
    retryable: true,
  },
  {
    pattern: /was not able to logon|VERR_AUTHENTICATION_FAILURE|VERR_LOGON_FAILURE/,
    code: 'GUEST_LOGIN_REFUSED',
    message: 'the guest does not know `guest.user` with that `guest.password`',
    hint: 'Check both. Windows lets nobody in by guestcontrol whose password is empty.',
  },
  {
    pattern: /user account on the guest is restricted|VERR_ACCOUNT_RESTRICTED/,
    code: 'GUEST_LOGIN_REFUSED',
    message: 'an account policy of the guest keeps `guest.user` out',
    hint: 'Look for an expired password or a login restriction in the guest.',
  },
  {
    pattern:
      /is not running \(currently|is not currently running|Could not find a registered machine|VERR_CANCELLED|Guest session (?:was closed|terminated|aborted)|terminated abnormally/,
    code: 'GUEST_AGENT_LOST',
    message: 'the VM is not running any more',
    retryable: true,
  },
];

/** A failure of guestcontrol. What is not known of it is the guest's refusal of one request: a missing file. */
export function explainGuest(text: string, doing: string): VmtestError {
  return explainFailure(
    text,
    { doing, code: 'GUEST_AGENT_REFUSED' },
    { known: [...guest, ...known], tell: (said) => firstError(said) || 'it said nothing' },
  );
}

/** The command met a server that is just ending, and has done nothing. */
export function saysServiceBusy(text: string): boolean {
  return SERVICE_BUSY.test(text);
}

export function isBusy(error: unknown): boolean {
  return (
    error instanceof VmtestError &&
    (error.code === 'VIRTUALBOX_LOCKED' || error.code === 'VIRTUALBOX_SERVICE_BUSY')
  );
}

/** The cause is in the first line, or in the one after "… failed"; what follows is for VirtualBox's developers. */
export function firstError(text: string): string {
  const errors = text
    .split('\n')
    .map((line) => /^VBoxManage(?:\.exe)?: (?:fatal )?error: (.*)$/.exec(line.trim())?.[1])
    .filter((line) => line !== undefined && !/^(?:Details|Context): |^-+$/.test(line));
  const [first, second] = errors;
  const said = first !== undefined && / failed$/.test(first) && second ? second : first;
  return said ?? text.trim().split('\n').at(-1)?.trim() ?? '';
}
