/** The keys of a `command` target beside those that every target has. */
import type { FromSchema } from 'json-schema-to-ts';
import type { EngineSchema } from '../../matrix/engine-schema.ts';

const argv = { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } } as const;

/** One for all verbs: the reference page makes one row of them. */
const command = { ...argv, description: 'The command for one verb: a program and its arguments.' } as const;

export const commandSchema = {
  description:
    'Machines of any other kind, by executables of your own (docs/engines/command.md). They run on this host, with your rights. ' +
    'What the protocol carries holds as far as they do it.',
  defaults: { snapshot: 'clean', memory: '512M' },
  target: {
    type: 'object',
    additionalProperties: false,
    properties: {
      program: {
        ...argv,
        description:
          'The program that knows the engine, with its first arguments. It is started for every verb, which is its last ' +
          'argument: `probe`, `restore`, `start`, `address`, `exec`, `status`, `stop`, `screenshot`, `release`. A name without `/` is looked up ' +
          'in PATH.',
        examples: [['./engine.sh'], ['python3', 'engine.py']],
      },
      commands: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        properties: {
          probe: command,
          restore: command,
          start: command,
          address: command,
          exec: command,
          status: command,
          stop: command,
          screenshot: command,
          release: command,
        },
        description:
          'Single commands instead of `program`, or for some of its verbs. No verb is added to them. Without `program`, ' +
          '`restore`, `start` and `release` are needed.',
        examples: [{ start: ['sh', '-c', 'incus start "$VMTEST_MACHINE" >&2'] }],
      },
      folder: {
        type: 'string',
        format: 'host-path',
        minLength: 1,
        default: '.',
        description:
          'The folder that programs are started in, and that their relative paths begin at. Default: that of the matrix file.',
      },
      with: {
        type: 'object',
        propertyNames: {
          pattern: '^[A-Za-z_][A-Za-z0-9_-]*$',
          expected: 'a letter or `_`, then letters, digits, `_` and `-`',
        },
        additionalProperties: { type: 'string', format: 'text' },
        default: {},
        description:
          'Whatever your executables want to know of this target. They find `disk-size` as `$VMTEST_WITH_DISK_SIZE`, and all as ' +
          'JSON. Values keep their source text. Those called password, token, secret or key are not given to a `release` that ' +
          'follows the death of vmtest. Default: empty.',
        examples: [{ image: 'guests/freebsd.qcow2', zone: 'europe-west4-a' }],
      },
    },
    anyOf: [{ required: ['program'] }, { required: ['commands'] }],
  },
} as const satisfies EngineSchema;

/** `BaseTarget.options` of a command target: defaults filled in, `folder` absolute. */
export type CommandOptions = FromSchema<typeof commandSchema.target>;
