// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** The file as a whole, without what the engines add. */
import type { FromSchema } from 'json-schema-to-ts';
import type { JsonSchema } from '../engine-schema.ts';
import {
  ENV_NAME,
  ENV_NAME_WORDS,
  NAME,
  NAME_WORDS,
  PHASE_SPANS,
  TARGET_NAME,
  TARGET_NAME_WORDS,
} from './parts.ts';
import { testSchema } from './test.ts';

const auto = { const: 'auto', type: 'string' } as const;

const entry = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: NAME, expected: NAME_WORDS },
} as const satisfies JsonSchema;

const axis = {
  type: 'array',
  minItems: 1,
  description: 'An axis: its values. A value is a scalar, which keeps its source text, or a map.',
} as const satisfies JsonSchema;

export const matrixSchema = {
  type: 'object',
  propertyNames: { pattern: NAME, expected: NAME_WORDS },
  additionalProperties: axis,
  description:
    'The axes: every combination of their values is a cell; the first axis varies slowest. Without `matrix` there is a ' +
    'cell for each target.',
  examples: [{ target: ['debian-12', 'win11'], node: [20, 22, '3.10'] }],
  properties: {
    target: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', format: 'text' },
      description: 'Names of entries of `targets`. Default: all of them, as the slowest axis.',
    },
    include: {
      type: 'array',
      items: entry,
      default: [],
      description:
        'Entry by entry: adds keys to every combination whose axis values it does not change, else makes a cell of its ' +
        'own. Default: none.',
      examples: [[{ target: 'debian-12', node: 24, experimental: true }]],
    },
    exclude: {
      type: 'array',
      items: entry,
      default: [],
      description: 'Removes every combination in which all keys of an entry match. Default: none.',
      examples: [[{ target: 'win11', node: 20 }]],
    },
  },
} as const satisfies JsonSchema;

export const limitsSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How much of this host a run may take.',
  examples: [{ jobs: 4, memory: '8G', engines: { virtualbox: 2 } }],
  properties: {
    jobs: {
      anyOf: [auto, { type: 'integer', minimum: 1 }],
      default: 'auto',
      description: 'Cells at once. Default: `auto`, as many as processors and memory allow.',
    },
    memory: {
      anyOf: [auto, { type: 'string', format: 'bytes' }],
      default: 'auto',
      description: 'Memory of all guests together. Default: `auto`, what is free, less a reserve.',
    },
    cpus: {
      anyOf: [auto, { type: 'integer', minimum: 1 }],
      default: 'auto',
      description: "Virtual CPUs of all guests together. Default: `auto`, the host's processors.",
    },
    engines: {
      type: 'object',
      additionalProperties: { type: 'integer', minimum: 1 },
      default: {},
      description: 'Cells at once on one engine. Default: no limit but those above.',
    },
  },
} as const satisfies JsonSchema;

export const retriesSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Further attempts of a cell; each starts from the clean state again.',
  examples: [{ test: 1 }],
  properties: {
    test: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      default: 0,
      description: 'After a failed test. A pass then counts as flaky. Default: 0.',
    },
    error: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      default: 1,
      description: 'After an error of the machine or the host that may not happen again. Default: 1.',
    },
  },
} as const satisfies JsonSchema;

export const fileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'targets', 'test'],
  properties: {
    version: {
      type: 'integer',
      const: 1,
      description: 'Version of the file format. Required; 1 is the only one.',
    },
    vars: {
      type: 'object',
      propertyNames: { pattern: NAME, expected: NAME_WORDS },
      additionalProperties: { type: 'string', format: 'text' },
      default: {},
      description: 'Texts for `${{ vars.x }}`. They may look up `env`. Default: none.',
      examples: [{ suite: 'smoke' }],
    },
    secrets: {
      type: 'array',
      items: { type: 'string', pattern: ENV_NAME, expected: ENV_NAME_WORDS },
      default: [],
      description:
        'Environment variables whose values are masked in all logs and reports. Those that are called password, ' +
        'passphrase, token, secret or key (also as part of a name, such as `API_TOKEN`), or are looked up under such a ' +
        'key, are masked without being listed. Default: none.',
      examples: [['LICENSE_CODE']],
    },
    targets: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: TARGET_NAME, expected: TARGET_NAME_WORDS },
      additionalProperties: { type: 'object' },
      description: 'The machines, by name. Required. Values may look up `vars` and `env`.',
    },
    matrix: matrixSchema,
    test: testSchema,
    limits: limitsSchema,
    retries: retriesSchema,
    timeouts: {
      type: 'object',
      additionalProperties: false,
      description:
        'Deadlines of the phases of a cell. Under software emulation those of vmtest itself (all but `setup`) are ' +
        'multiplied. The deadline of the test command is `test.timeout`.',
      examples: [{ boot: '3m' }],
      properties: PHASE_SPANS,
    },
    'fail-fast': {
      type: 'boolean',
      default: false,
      description:
        'Cancel everything else when a cell has failed, unless it may (`continue-on-error`). Default: `false`, unlike ' +
        'in GitHub Actions.',
    },
  },
} as const satisfies JsonSchema;

/** The file after substitution, but for `test` (see `RawTest`); targets are `RawTarget` and the engine's keys. */
export type RawFile = FromSchema<typeof fileSchema>;
