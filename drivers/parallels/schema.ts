/** The keys of a `parallels` target beside those that every target has. */
import type { EngineSchema } from '../../matrix/engine-schema.ts';
import { vmProperties } from '../vm/schema.ts';

export const parallelsSchema = {
  description:
    'VMs of Parallels Desktop on a Mac, driven with its own `prlctl`. It needs the Pro, Business or Enterprise edition.',
  defaults: {},
  target: {
    type: 'object',
    additionalProperties: false,
    properties: vmProperties,
    required: ['vm'],
  },
} as const satisfies EngineSchema;
