/** What `virsh` prints when it fails, as coded errors. The one file that matches its text; it is run in the C locale. */
import type { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

export const BUSY = 'LIBVIRT_BUSY';
export const NO_FOLDER = 'LIBVIRT_NO_FOLDER';
export const EXTERNAL = 'LIBVIRT_EXTERNAL_SNAPSHOT';

const known: readonly KnownFailure[] = [
  {
    pattern: /cannot acquire state change lock/,
    code: BUSY,
    message: 'another command holds the domain',
    hint: 'Somebody else works on it, or QEMU does not answer its monitor.',
    retryable: true,
  },
  {
    // The refresh of a pool, the removal of a volume: while another volume of the same folder is being made.
    pattern: /has asynchronous jobs running|is still (?:being allocated|in use)/,
    code: BUSY,
    message: 'the storage pool is at work for another command',
    retryable: true,
  },
  {
    pattern: /cannot open directory '(.*?)': (?:No such file or directory|Not a directory)/,
    code: NO_FOLDER,
    message: 'there is no folder $1 where the domain runs',
  },
  {
    pattern: /Storage source conflict with pool: '(.*?)'/,
    code: 'LIBVIRT_POOL_OFF',
    message: 'the storage pool $1 has that folder, and is not active',
    hint: 'virsh pool-start NAME    (and pool-autostart, so that it stays so)',
  },
  {
    pattern:
      /authentication unavailable|authentication failed|Failed to connect socket to '(.*?)': Permission denied/,
    code: 'LIBVIRT_NOT_ALLOWED',
    message: 'libvirt does not let this user in',
    hint: 'sudo adduser $USER libvirt    (then log in again)',
  },
  {
    pattern: /Failed to connect socket to '(.*?)': (?:No such file|Connection refused)/,
    code: 'LIBVIRT_NOT_RUNNING',
    message: 'nobody listens at $1',
    hint: 'sudo systemctl start libvirtd    (without an init system: virtlogd -d && libvirtd -d)',
  },
  {
    pattern:
      /Host key verification failed|SSH host key for '.*' \(.*\) was not accepted|Could not resolve hostname (\S+)|Permission denied \(publickey|ssh: connect to host[^\n]*/,
    code: 'LIBVIRT_NO_SSH',
    message: 'the host cannot be reached by SSH: $&',
    hint: 'Try `ssh` to it by hand; with `?no_tty=1` in the URI nothing is asked.',
    retryable: true,
  },
  {
    pattern: /failed to get domain|Domain not found/,
    code: 'VM_MISSING',
    message: 'there is no such domain (any more)',
  },
  {
    pattern: /Domain snapshot not found: (.*)/,
    code: 'SNAPSHOT_MISSING',
    message: '$1',
  },
  {
    pattern: /revert to external snapshot not supported/,
    code: EXTERNAL,
    message: 'this libvirt cannot restore external snapshots',
    hint: 'Use `clone: linked`, which needs no restore, or libvirt 9.9 or later.',
  },
  {
    pattern: /network '(.*?)' is not active/,
    code: 'LIBVIRT_NETWORK_OFF',
    message: 'the network $1 of the domain is not active',
    hint: 'virsh net-start NAME    (and net-autostart, so that it stays so)',
  },
  {
    // QEMU's own words, or those of libvirt, which looks first where it can.
    pattern:
      /(?:Could not open|Cannot access storage file) '(.*?)'(?: \(as uid:\d+, gid:\d+\))?: Permission denied/,
    code: 'LIBVIRT_FILE_DENIED',
    message: 'QEMU may not read $1',
    hint: 'QEMU of `qemu:///system` runs as a user of its own: put images below /var/lib/libvirt/images.',
  },
  {
    pattern: /annot (?:allocate|set up guest) memory/,
    code: 'LIBVIRT_NO_MEMORY',
    message: 'the host has too little memory for the guest now',
    hint: 'Run fewer cells at a time (`limits.jobs`, `limits.memory`).',
    retryable: true,
  },
  {
    pattern: /Could not set up host forwarding rule '(.*?)'/,
    code: 'LIBVIRT_PORT_TAKEN',
    message: 'QEMU cannot forward the port $1',
    hint: 'Another guest has it. Take `hostfwd` out of the domain: vmtest forwards a free port to the SSH port of each guest.',
  },
  {
    pattern: /process exited while connecting to monitor: *(.*)/,
    code: 'LIBVIRT_START_FAILED',
    message: 'QEMU ended at once: $1',
  },
  {
    pattern: /QEMU guest agent is not configured/,
    code: 'LIBVIRT_NO_AGENT',
    message: 'the domain has no channel for the guest agent',
    hint: 'Add `<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>` to it.',
  },
];

/** An error out of what `virsh` said; its whole text is kept as details. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, { known, tell: (said) => lastError(said) || 'it said nothing' });
}

/** The last line tells the cause, the ones before it what was tried. */
function lastError(text: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('error: '));
  return lines.at(-1)?.slice('error: '.length).trim() ?? text.trim().split('\n').at(-1) ?? '';
}
