/** The keys of a `vmware` target beside those that every target has. */
import type { EngineSchema } from '../../matrix/engine-schema.ts';
import { type VmOptions, vmProperties } from '../vm/schema.ts';

export const vmwareSchema = {
  description:
    'VMware Workstation and Fusion, by `vmrun`: a VM that you have made, and one of its snapshots.',
  defaults: { snapshot: 'clean' },
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['vm'],
    properties: {
      ...vmProperties,
      vm: {
        type: 'string',
        minLength: 1,
        description:
          "The VM: the absolute path of its `.vmx` file (`~/` is your home), or its name in VMware's library or folder of VMs.",
        examples: ['~/vmware/debian-12/debian-12.vmx', 'debian-12'],
      },
      'encryption-password': {
        type: 'string',
        minLength: 1,
        description:
          'The password of an encrypted VM (also of one that is encrypted only for its TPM). `vmrun` takes it on its command line, ' +
          'where other users of this host can see it.',
      },
      edition: {
        type: 'string',
        enum: ['auto', 'ws', 'fusion', 'player'],
        default: 'auto',
        description:
          'What `vmrun` is told to talk to (`-T`). Default: `auto`, which is Fusion on macOS, and elsewhere what is installed.',
      },
      vmrun: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        description: 'The program itself. Default: the one on PATH, else where VMware installs it.',
        examples: ['/opt/vmware/bin/vmrun'],
      },
    },
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a vmware target. */
export interface VmwareOptions extends VmOptions {
  'encryption-password'?: string;
  edition?: 'auto' | Edition;
  vmrun?: string;
}

/** Values of `vmrun -T`. */
export type Edition = 'ws' | 'fusion' | 'player';
