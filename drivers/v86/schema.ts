/** The keys of a `v86` target beside those that every target has. */
import type { FromSchema } from 'json-schema-to-ts';
import type { EngineSchema } from '../../matrix/engine-schema.ts';

const drive = { type: 'string', enum: ['disk', 'cdrom', 'floppy'] } as const;

export const v86Schema = {
  description:
    'The embedded engine: a 32-bit PC in WebAssembly, for small, legacy and exotic guests. It needs no hypervisor and no ' +
    'rights; one processor, emulated in software.',
  defaults: { snapshot: 'clean', memory: '128M' },
  target: {
    type: 'object',
    additionalProperties: false,
    properties: {
      kernel: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'A 32-bit Linux kernel (bzImage) that is booted directly, without a boot loader.',
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
        examples: ['console=ttyS0 quiet'],
      },
      image: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description:
          'The hard disk: a raw file. It is never written to: what a cell writes lies in a file of its own. At least one ' +
          'of `kernel`, `image`, `cdrom` and `floppy` is needed.',
        examples: ['guests/freebsd.img'],
      },
      cdrom: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'An ISO file in the CD drive.',
        examples: ['guests/kolibri.iso'],
      },
      floppy: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'A raw floppy image of one of the usual sizes in the first drive.',
        examples: ['guests/freedos.img'],
      },
      'boot-order': {
        type: 'array',
        items: drive,
        minItems: 1,
        maxItems: 3,
        uniqueItems: true,
        description:
          'The drives that the BIOS tries first; the others follow. Default: floppy, disk, CD, as far as there are images.',
        examples: [['cdrom', 'disk']],
      },
      bios: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'The BIOS: SeaBIOS or that of Bochs. Default: the SeaBIOS that this host has installed.',
        examples: ['firmware/seabios.bin'],
      },
      'vga-bios': {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description:
          'The BIOS of the display adapter. Default: the one of SeaBIOS that this host has installed.',
        examples: ['firmware/vgabios.bin'],
      },
      'vga-memory': {
        type: 'string',
        enum: ['1M', '2M', '4M', '8M', '16M', '32M'],
        default: '2M',
        description: 'Memory of the display adapter. Guests with many colours want `8M`. Default: `2M`.',
      },
      network: {
        type: 'string',
        enum: ['none', 'user', 'restrict'],
        default: 'none',
        description:
          '`none`: no network card. `user`: an NE2000 card whose guest gets an address by DHCP and reaches web servers ' +
          '(HTTP, port 80) through the host. `restrict`: the same, but only vmtest reaches the guest. Both forward a ' +
          'port for SSH. Default: `none`; the way in is the serial console.',
      },
    },
    anyOf: [
      { required: ['kernel'] },
      { required: ['image'] },
      { required: ['cdrom'] },
      { required: ['floppy'] },
    ],
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a v86 target: defaults filled in, paths absolute. */
export type V86Options = FromSchema<(typeof v86Schema)['target']>;
