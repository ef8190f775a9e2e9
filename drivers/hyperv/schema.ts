/** The keys of a `hyperv` target beside those that every target has. */
import type { EngineSchema } from '../../matrix/engine-schema.ts';
import { vmProperties } from '../vm/schema.ts';

export const hypervSchema = {
  description:
    'VMs of Hyper-V on this Windows host. Cells start from a checkpoint: in the VM itself, or on clones with differencing disks ' +
    'when the checkpoint was taken while the VM was off.',
  defaults: { snapshot: 'clean' },
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['vm'],
    properties: vmProperties,
  },
} as const satisfies EngineSchema;
