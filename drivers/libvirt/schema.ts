/** The keys of a `libvirt` target beside those that every target has. */
import type { FromSchema } from 'json-schema-to-ts';
import type { EngineSchema } from '../../matrix/engine-schema.ts';
import { vmProperties } from '../vm/schema.ts';

export const libvirtSchema = {
  description:
    'Domains of libvirt (QEMU, KVM), on this host or on another one by SSH. Cells run side by side on transient domains with disk overlays, or ' +
    'restore an internal snapshot in the domain itself.',
  defaults: {},
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['vm'],
    properties: {
      ...vmProperties,
      uri: {
        type: 'string',
        minLength: 1,
        default: 'qemu:///system',
        description:
          'The libvirt to talk to, as `virsh --connect` takes it. The domains of `qemu:///system` and of `qemu:///session` are separate sets. ' +
          'Default: `qemu:///system`.',
        examples: ['qemu:///session', 'qemu+ssh://root@kvm-1/system?no_tty=1'],
      },
    },
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a libvirt target. */
export type LibvirtOptions = FromSchema<(typeof libvirtSchema)['target']>;
