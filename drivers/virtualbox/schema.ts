/** The keys of a `virtualbox` target beside those that every target has. */
import type { EngineSchema } from '../../matrix/engine-schema.ts';
import { vmProperties } from '../vm/schema.ts';

export const virtualboxSchema = {
  description:
    'Oracle VirtualBox 6.1 to 7.2 on Linux, macOS and Windows: VMs that you have made, started from one of their snapshots.',
  defaults: {},
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['vm'],
    properties: vmProperties,
  },
} as const satisfies EngineSchema;
