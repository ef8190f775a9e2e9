/** The keys of a `qemu` target beside those that every target has. */
import type { FromSchema } from 'json-schema-to-ts';
import type { EngineSchema } from '../../matrix/engine-schema.ts';

export const qemuSchema = {
  description: 'QEMU, started directly: a disk image or a kernel is all it needs.',
  defaults: { snapshot: 'clean', memory: '1G' },
  target: {
    type: 'object',
    additionalProperties: false,
    properties: {
      image: {
        type: 'string',
        format: 'host-path-or-url',
        minLength: 1,
        description:
          'The disk: a raw or qcow2 file, or a URL (then `sha256` is required). It is never written to: every cell ' +
          'gets an overlay of its own. At least one of `image` and `kernel` is needed.',
        examples: ['guests/debian-12.qcow2'],
      },
      sha256: {
        type: 'string',
        pattern: '^[0-9a-fA-F]{64}$',
        expected: '64 hexadecimal digits',
        description:
          'SHA-256 of the image file. Required for a URL; a local file is checked too when it is given.',
      },
      kernel: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'A kernel that QEMU boots directly, without a boot loader in the image.',
        examples: ['guests/vmlinuz'],
      },
      initrd: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'The initial RAM disk that goes with `kernel`.',
        examples: ['guests/initrd'],
      },
      append: {
        type: 'string',
        description: 'The kernel command line that goes with `kernel`.',
        examples: ['root=/dev/vda console=ttyS0'],
      },
      arch: {
        type: 'string',
        enum: ['x86_64', 'aarch64'],
        description:
          "Architecture of the guest. Default: the host's. Another one than the host's is emulated in software, which " +
          'is much slower.',
      },
      machine: {
        type: 'string',
        minLength: 1,
        description:
          'Machine type, as `-machine` takes it, options included. Default: `q35` on x86_64, `virt` on aarch64.',
        examples: ['pc-q35-7.2'],
      },
      cpu: {
        type: 'string',
        minLength: 1,
        description:
          'CPU model, as `-cpu` takes it. Default: `host` with hardware acceleration, `max` without it.',
        examples: ['Skylake-Client'],
      },
      firmware: {
        anyOf: [
          { type: 'string', enum: ['bios', 'uefi'] },
          { type: 'string', format: 'host-path', minLength: 1 },
        ],
        description:
          '`bios`, `uefi` (the firmware files that this host has installed), or the path of a firmware file. Default: ' +
          '`bios` on x86_64, `uefi` on aarch64.',
      },
      'disk-bus': {
        type: 'string',
        enum: ['virtio', 'sata', 'scsi', 'ide'],
        default: 'virtio',
        description:
          'How the disk is attached. `sata` suits guests without virtio drivers, such as a fresh Windows. Default: ' +
          '`virtio`.',
      },
      network: {
        type: 'string',
        enum: ['user', 'none', 'restrict'],
        default: 'user',
        description:
          '`user`: the guest reaches the world through the host. `restrict`: only vmtest reaches the guest. `none`: no ' +
          'network card. Default: `user`.',
      },
      'net-device': {
        type: 'string',
        minLength: 1,
        description:
          'Device model of the network card. Default: `virtio-net-pci`. `e1000e` suits a Windows without virtio drivers.',
        examples: ['e1000e'],
      },
      vga: {
        type: 'string',
        minLength: 1,
        description: 'Display adapter, as `-vga` takes it; `none` has no screenshots. Default: `std`.',
        examples: ['virtio'],
      },
      accel: {
        type: 'string',
        enum: ['auto', 'kvm', 'hvf', 'whpx', 'tcg'],
        default: 'auto',
        description:
          'Acceleration. `auto` takes what the host has, else software emulation (`tcg`), and says so. A named one is ' +
          'required: if the host lacks it, the target cannot run. Default: `auto`.',
      },
      agent: {
        type: 'boolean',
        default: true,
        description:
          'Offer the guest the port of the QEMU guest agent, and use it when the agent answers. Default: `true`.',
      },
      binary: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description:
          'The QEMU program to use, when it is not the `qemu-system-ARCH` on the PATH. A `qemu-img` beside it is ' +
          'preferred to the one on the PATH.',
        examples: ['/opt/qemu-11/bin/qemu-system-x86_64'],
      },
      args: {
        type: 'array',
        items: { type: 'string' },
        description:
          'More arguments for QEMU, appended to its command line as they are. Paths in them should be absolute.',
        examples: [['-device', 'virtio-balloon-pci']],
      },
    },
    anyOf: [{ required: ['image'] }, { required: ['kernel'] }],
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a qemu target: defaults filled in, paths absolute. */
export type QemuOptions = FromSchema<(typeof qemuSchema)['target']>;
