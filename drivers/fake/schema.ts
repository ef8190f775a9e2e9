/**
 * The keys of a `fake` target: a make-believe machine whose latencies, failures and test results are written in the
 * matrix file. All of it is deterministic: chance is drawn from `seed`, the cell's id, the phase and the attempt.
 */
import type { FromSchema } from 'json-schema-to-ts';
import type { EngineSchema } from '../../matrix/engine-schema.ts';

const latency = { type: 'string', format: 'time-span-range' } as const;

const rule = {
  cells: {
    type: 'string',
    minLength: 1,
    description:
      'Only the cells that this selector glob matches (`*` within a segment of the id, `**` across). Default: all.',
    examples: ['**/node=22'],
  },
  times: {
    type: 'integer',
    minimum: 1,
    description: 'Only the first so many attempts of each cell; later ones succeed. Default: every attempt.',
  },
  probability: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 1,
    description: 'How likely it is, from 0 to 1. Default: 1.',
  },
  how: {
    type: 'string',
    enum: ['error', 'hang', 'die'],
    default: 'error',
    description:
      '`error`: the phase throws. `hang`: it never ends by itself, so that the deadline strikes. `die`: the machine ' +
      'is gone in the middle of it. Default: `error`.',
  },
  code: {
    type: 'string',
    pattern: '^[A-Z][A-Z0-9_]*$',
    expected: 'upper-case words joined by `_`',
    default: 'FAKE_FAILURE',
    description: 'Code of the error. Default: `FAKE_FAILURE`.',
  },
  retryable: {
    type: 'boolean',
    default: true,
    description: 'Whether the error says that another attempt may succeed. Default: `true`.',
  },
} as const;

const failure = {
  type: 'object',
  additionalProperties: false,
  properties: rule,
} as const;

const commandFailure = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...rule,
    'exit-code': {
      type: 'integer',
      minimum: 1,
      maximum: 255,
      description: 'The command ends with this exit code, instead of the machine failing.',
    },
  },
} as const;

export const fakeSchema = {
  description:
    'Make-believe machines with programmable latencies and failures, for demos, examples and tests.',
  defaults: { snapshot: 'clean', memory: '64M' },
  target: {
    type: 'object',
    additionalProperties: false,
    properties: {
      latency: {
        type: 'object',
        additionalProperties: false,
        description:
          'How long each phase takes: a time span, or a range such as `100ms..2s`. Default: no time at all.',
        examples: [{ boot: '100ms..2s', run: '1s' }],
        properties: {
          prepare: latency,
          restore: latency,
          boot: latency,
          connect: latency,
          upload: latency,
          setup: latency,
          run: latency,
          collect: latency,
          release: latency,
        },
      },
      fail: {
        type: 'object',
        additionalProperties: false,
        description: 'Which phases fail, when and how. A phase that is not listed works.',
        examples: [{ boot: { times: 1 }, run: { cells: '**/node=22', 'exit-code': 1 } }],
        properties: {
          prepare: failure,
          restore: failure,
          boot: failure,
          connect: failure,
          upload: failure,
          setup: commandFailure,
          run: commandFailure,
          collect: failure,
          release: failure,
        },
      },
      output: {
        type: 'array',
        items: { type: 'string' },
        description: 'Lines that the test command prints. Default: one line with the command.',
      },
      junit: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            additionalProperties: false,
            properties: {
              pass: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
              fail: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
              skip: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
            },
          },
        ],
        description:
          'The result file that the test command leaves at `reports/junit.xml`: the text itself, or how many cases of ' +
          'which kind. With `fail` cases the command exits with 1. Default: no file.',
        examples: [{ pass: 3, fail: 1, skip: 1 }],
      },
      exclusive: {
        type: 'boolean',
        default: false,
        description:
          'Only one cell of the target at a time, like a VM that cannot be cloned. Default: `false`.',
      },
      unavailable: {
        type: 'string',
        minLength: 1,
        description: 'The target cannot run on this host, for the reason given here.',
      },
      seed: {
        type: 'integer',
        minimum: 0,
        default: 1,
        description: 'Where chance starts from: the same seed gives the same run. Default: 1.',
      },
    },
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a fake target, with defaults filled in. */
export type FakeOptions = FromSchema<(typeof fakeSchema)['target']>;
