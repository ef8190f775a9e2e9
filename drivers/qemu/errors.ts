/**
 * What QEMU's programs print when they fail, as coded errors. The one file that matches their text; the wording is that
 * of QEMU 7.2 to 11, which has hardly changed in years, and what is not known here becomes the caller's own code.
 */
import type { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

/** The first that fits wins: causes come before the general lines that follow them on stderr. */
const known: readonly KnownFailure[] = [
  {
    pattern: /Is another process using the image \[(.*?)\]\?/,
    code: 'QEMU_IMAGE_LOCKED',
    message: 'the image $1 is in use by another program',
    hint: 'Shut down the machine that runs from it. Images must not change while cells run on overlays of them.',
  },
  {
    pattern: /Failed to (?:get|lock)\b.*\block\b/,
    code: 'QEMU_IMAGE_LOCKED',
    message: 'an image is in use by another program',
    hint: 'Shut down the machine that runs from it. Images must not change while cells run on overlays of them.',
  },
  {
    pattern: /Could not open backing file.*?'([^']*)': No such file/,
    code: 'QEMU_BACKING_MISSING',
    message: "the image's backing file $1 does not exist",
    hint: 'Bring it back, or point the image to its new place: qemu-img rebase -u -b NEW-PATH -F FORMAT IMAGE',
  },
  {
    pattern: /Could not open '([^']*)': No such file/,
    code: 'QEMU_FILE_MISSING',
    message: 'the file $1 does not exist',
  },
  {
    pattern: /Could not open '([^']*)': Permission denied/,
    code: 'QEMU_FILE_DENIED',
    message: 'there is no permission to open $1',
    hint: 'Check the rights of the file and of the folders above it: QEMU runs as you.',
  },
  {
    pattern: /Image is not in \S+ format|header too short|Unsupported qcow2 version|[Ii]mage is corrupt/,
    code: 'QEMU_IMAGE_FORMAT',
    message: 'the image is damaged, or not in the format that its name says',
    hint: 'Look at it with: qemu-img info IMAGE; qemu-img check IMAGE',
  },
  {
    pattern: /Snapshot '([^']*)' does not exist/,
    code: 'QEMU_SNAPSHOT_MISSING',
    message: 'the image has no snapshot called $1',
    hint: 'List them with: qemu-img snapshot -l IMAGE',
  },
  {
    pattern:
      /Unknown (?:savevm section or instance|ramblock) .*|Size mismatch: .*|.*error while loading state.*|Error -\d+ while loading VM state/,
    code: 'QEMU_STATE_INCOMPATIBLE',
    message: 'the saved state does not fit this machine: $&',
    hint:
      'A snapshot with memory loads only into the very machine it was taken of: the same machine type, processor, ' +
      'memory and devices. Take it without memory (shut down, then qemu-img snapshot -c), and vmtest boots from it.',
  },
  {
    pattern: /Could not set up host forwarding rule '([^']*)'/,
    code: 'QEMU_PORT_TAKEN',
    message: 'a port of this host could not be forwarded ($1)',
    hint: 'Look at what has them: ss -tan. Let fewer cells run at once (`--jobs`), or use `network: none` and the guest agent.',
    retryable: true,
  },
  {
    pattern: /Cannot allocate memory|cannot set up guest memory/,
    code: 'QEMU_NO_MEMORY',
    message: 'this host has not enough free memory for the guest',
    hint: 'Lower `memory` of the target, or `limits.jobs`.',
    retryable: true,
  },
  {
    pattern: /No space left on device/,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
  {
    // Before 8.2, QEMU opens the file with the memory for writing, though it writes nothing to it.
    pattern: /can't open backing store \S+ for guest RAM: (?:Read-only file system|Permission denied)/,
    code: 'QEMU_CACHE_NOT_WRITABLE',
    message: "QEMU may not write to vmtest's cache, which versions before 8.2 have to",
    hint: 'Move the cache with XDG_CACHE_HOME, or install QEMU 8.2 or newer.',
  },
  {
    // The guest's memory is a mapped file while a clean state is made: where it finds no room, the kernel says SIGBUS.
    pattern: /was ended by SIGBUS/,
    code: 'DISK_FULL',
    message: "the disk with vmtest's cache is full: there is no room for the guest's memory",
    hint: 'Free some space there, or move the cache with XDG_CACHE_HOME.',
  },
  {
    pattern: /Could not access KVM kernel module: Permission denied/,
    code: 'QEMU_KVM_DENIED',
    message: 'there is no permission to use /dev/kvm',
    hint: 'Join the group that owns it, then log in again: sudo usermod -aG kvm "$USER"',
  },
  {
    pattern: /invalid accelerator (\S+)|failed to initialize (kvm|hvf|whpx)/i,
    code: 'QEMU_ACCEL_FAILED',
    message: 'the acceleration asked for does not work: $&',
    hint: 'Use `accel: auto`, or see `vmtest doctor`.',
  },
  {
    pattern: /UNIX socket path .* is too long|Path must be less than \d+ bytes/,
    code: 'QEMU_PATH_TOO_LONG',
    message: 'the path of a socket is too long for this system',
    hint: 'Give vmtest a shorter folder for its state, with XDG_STATE_HOME.',
  },
  {
    pattern: /Failed to bind socket to (\S+): (?:Input\/output error|Operation not (?:permitted|supported))/,
    code: 'QEMU_NO_SOCKETS',
    message: "the file system of vmtest's state folder can hold no sockets: $1",
    hint: 'Choose a folder on a disk of this host (not exFAT, nor a shared folder) with XDG_STATE_HOME.',
  },
  {
    pattern:
      /network backend 'user' is not compiled into this binary|Parameter 'type' expects a netdev backend/,
    code: 'QEMU_NO_USER_NETWORK',
    message: 'this QEMU was built without user-mode networking',
    hint: 'Install a QEMU with libslirp, or use `network: none` and the guest agent.',
  },
  {
    pattern: /failed to find romfile "([^"]*)"|could not load PC BIOS '([^']*)'/,
    code: 'QEMU_FIRMWARE_MISSING',
    message: 'a firmware file of QEMU is not installed: $&',
    hint: 'Install the packages that QEMU recommends (seabios, ipxe-qemu, vgabios).',
  },
  {
    pattern:
      /Migration is disabled.*|State blocked.*|.*(?:is not migratable|non-migratable|does not support migration|unmigratable).*/i,
    code: 'QEMU_NOT_MIGRATABLE',
    message: 'this machine has a part whose state cannot be saved: $&',
    hint: 'Use `snapshot: none`: cells then boot from a fresh overlay of the disk.',
  },
  {
    pattern:
      /(?:[^\n]*: )?(?:invalid option|unsupported machine type|unable to find CPU model|Device '[^']*' not found|'[^']*' is not a valid device model name|Property '[^']*' not found|No '[^']*' bus found|Invalid parameter|Parameter '[^']*'|expects? a parameter|requires an argument)[^\n]*/,
    code: 'QEMU_OPTION_INVALID',
    message: 'QEMU refuses an option: $&',
    hint: 'Look at `args`, `machine`, `cpu`, `disk-bus`, `net-device` and `vga` of the target.',
  },
];

/** An error out of what a program said; its whole text is kept as details. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, {
    known,
    tell: (said) => lastLine(said) || 'it said nothing',
    shorten: withoutProgram,
  });
}

/** The last line that is no warning, or nothing. */
export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return withoutProgram(lines.findLast((line) => line !== '' && !line.includes('warning:')) ?? '');
}

/** `qemu-system-x86_64: -device foo: …` begins with a name that is no news. */
function withoutProgram(line: string): string {
  return line.replace(/^\s*(?:\S*\/)?qemu-[\w-]+: /, '');
}
