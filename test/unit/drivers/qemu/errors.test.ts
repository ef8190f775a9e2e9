import { describe, expect, test } from 'vitest';
import { explain } from '../../../../drivers/qemu/errors.ts';

/** As QEMU 7.2 and 10.0 print them. */
const said: readonly [text: string, code: string, message: string][] = [
  [
    'qemu-system-x86_64: -blockdev driver=qcow2: Failed to get "write" lock\nIs another process using the image [d.qcow2]?\n',
    'QEMU_IMAGE_LOCKED',
    'the image d.qcow2 is in use by another program',
  ],
  [
    `qemu-img: Could not open 'd.qcow2': Failed to get shared "write" lock\nIs another process using the image [d.qcow2]?`,
    'QEMU_IMAGE_LOCKED',
    'the image d.qcow2 is in use by another program',
  ],
  [
    "qemu-img: Could not open 'nope.qcow2': Could not open 'nope.qcow2': No such file or directory",
    'QEMU_FILE_MISSING',
    'the file nope.qcow2 does not exist',
  ],
  [
    "qemu-system-x86_64: -blockdev x: Could not open backing file: Could not open '/b.raw': No such file or directory",
    'QEMU_BACKING_MISSING',
    "the image's backing file /b.raw does not exist",
  ],
  ['qemu-img: Could not open d: Image is not in qcow2 format', 'QEMU_IMAGE_FORMAT', 'the image is damaged'],
  ["qemu-img: Could not open 't.qcow2': qcow2 header too short", 'QEMU_IMAGE_FORMAT', 'the image is damaged'],
  [
    "qemu-system-x86_64: Snapshot 'nope' does not exist in one or more devices",
    'QEMU_SNAPSHOT_MISSING',
    'the image has no snapshot called nope',
  ],
  [
    "qemu-system-x86_64: Size mismatch: pc.ram: 0x8000000 != 0x10000000: Invalid argument\nqemu-system-x86_64: error while loading state for instance 0x0 of device 'ram'\nqemu-system-x86_64: Error -22 while loading VM state",
    'QEMU_STATE_INCOMPATIBLE',
    'Size mismatch: pc.ram',
  ],
  [
    'qemu-system-x86_64: Unknown ramblock "pc.ram", cannot accept migration',
    'QEMU_STATE_INCOMPATIBLE',
    'Unknown ramblock',
  ],
  [
    "qemu-system-x86_64: -netdev user,id=n: Could not set up host forwarding rule 'tcp:127.0.0.1:22023-:22'",
    'QEMU_PORT_TAKEN',
    'a port of this host could not be forwarded (tcp:127.0.0.1:22023-:22)',
  ],
  [
    "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory",
    'QEMU_NO_MEMORY',
    'not enough free memory',
  ],
  [
    'qemu-img: o.qcow2: error while writing: No space left on device',
    'DISK_FULL',
    'the disk of this host is full',
  ],
  [
    "qemu-system-x86_64: can't open backing store /c/ram.bin for guest RAM: Read-only file system",
    'QEMU_CACHE_NOT_WRITABLE',
    'versions before 8.2',
  ],
  [
    'qemu-system-x86_64: -chardev socket,path=/s/qmp.sock: Failed to bind socket to /s/qmp.sock: Input/output error',
    'QEMU_NO_SOCKETS',
    'can hold no sockets: /s/qmp.sock',
  ],
  ['QEMU was ended by SIGBUS', 'DISK_FULL', "no room for the guest's memory"],
  [
    'Could not access KVM kernel module: Permission denied\nqemu-system-x86_64: failed to initialize kvm: Permission denied',
    'QEMU_KVM_DENIED',
    'no permission to use /dev/kvm',
  ],
  ['qemu-system-x86_64: -accel hvf: invalid accelerator hvf', 'QEMU_ACCEL_FAILED', 'invalid accelerator hvf'],
  [
    "qemu-system-x86_64: -qmp unix:/x: UNIX socket path '/x' is too long\nPath must be less than 108 bytes",
    'QEMU_PATH_TOO_LONG',
    'too long for this system',
  ],
  [
    "qemu-system-x86_64: -netdev user,id=n0: network backend 'user' is not compiled into this binary",
    'QEMU_NO_USER_NETWORK',
    'built without user-mode networking',
  ],
  [
    'qemu-system-x86_64: -device virtio-net-pci: failed to find romfile "efi-virtio.rom"',
    'QEMU_FIRMWARE_MISSING',
    'efi-virtio.rom',
  ],
  [
    "State blocked by non-migratable device '0000:00:05.0/nvme'",
    'QEMU_NOT_MIGRATABLE',
    "State blocked by non-migratable device '0000:00:05.0/nvme'",
  ],
  ['qemu-system-x86_64: -frobnicate: invalid option', 'QEMU_OPTION_INVALID', '-frobnicate: invalid option'],
  [
    'qemu-system-x86_64: unsupported machine type\nUse -machine help to list supported machines',
    'QEMU_OPTION_INVALID',
    'unsupported machine type',
  ],
  [
    "qemu-system-x86_64: -device x: 'x' is not a valid device model name",
    'QEMU_OPTION_INVALID',
    "-device x: 'x' is not a valid device model name",
  ],
  ["qemu-system-x86_64: unable to find CPU model 'x'", 'QEMU_OPTION_INVALID', "unable to find CPU model 'x'"],
];

describe('what QEMU says', () => {
  test.each(said)('%s', (text, code, message) => {
    const error = explain(text, { code: 'FALLBACK', doing: 'testing' });
    expect(error.code).toBe(code);
    expect(error.message).toContain('testing failed: ');
    expect(error.message).toContain(message);
    expect(error.details).toBe(text);
  });

  test('is retryable only where another try can help', () => {
    const retryable = said.filter(([text]) => explain(text, { code: 'F', doing: 'd' }).retryable);
    expect(retryable.map(([, code]) => code)).toEqual(['QEMU_PORT_TAKEN', 'QEMU_NO_MEMORY']);
  });

  test('and is not known keeps the caller’s code, and its last line', () => {
    const text = '/usr/bin/qemu-system-x86_64: something new\nqemu-system-x86_64: -x: warning: deprecated\n';
    expect(
      explain(text, { code: 'QEMU_START_FAILED', doing: 'starting QEMU', retryable: true }),
    ).toMatchObject({
      code: 'QEMU_START_FAILED',
      message: 'starting QEMU failed: something new',
      details: text,
      retryable: true,
    });
  });

  test('may be nothing', () => {
    const error = explain('', { code: 'QEMU_GONE', doing: 'talking to QEMU' });
    expect(error.message).toBe('talking to QEMU failed: it said nothing');
    expect(error.details).toBeUndefined();
  });
});
