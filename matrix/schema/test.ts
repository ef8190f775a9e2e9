// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** The `test` section. */
import type { FromSchema } from 'json-schema-to-ts';
import type { JsonSchema } from '../engine-schema.ts';
import { ENV_NAME, ENV_NAME_WORDS, PHASE_DEFAULTS, perGuestOs } from './parts.ts';

/** Dialects of result files; the readers are in `src/results/dialects/`, and a test holds the two lists together. */
export const RESULT_FORMATS = ['junit', 'tap', 'go-test', 'trx', 'nunit', 'xunit', 'ctrf'] as const;

export const testSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['run'],
  description:
    'What happens in the guest of each cell. Every value may look up `matrix`, `target`, `vars` and `env`.',
  properties: {
    upload: {
      type: 'object',
      additionalProperties: false,
      description: 'Files that go into the guest before anything runs. Default: none.',
      examples: [{ from: '.', to: 'work', exclude: ['node_modules'] }],
      properties: {
        from: {
          type: 'string',
          format: 'host-path',
          minLength: 1,
          default: '.',
          description: "Folder on the host, relative to the matrix file's folder. Default: `.`.",
        },
        to: {
          type: 'string',
          minLength: 1,
          default: 'vmtest',
          description:
            "Folder in the guest, relative to the user's home. Setup and run start there. Default: `vmtest`.",
        },
        exclude: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          default: [],
          description:
            'Patterns of what stays behind, as in a `.gitignore` file. They have the last word: `!dist/` brings along ' +
            'what a `.gitignore` leaves out. Default: none.',
        },
        gitignore: {
          type: 'boolean',
          default: true,
          description: 'Leave behind what the `.gitignore` files of the folder name. Default: `true`.',
        },
      },
    },
    env: {
      type: 'object',
      propertyNames: { pattern: ENV_NAME, expected: ENV_NAME_WORDS },
      additionalProperties: { format: 'text', type: 'string' },
      default: {},
      description:
        'Environment of setup and run. Values keep their source text. `VMTEST_TARGET`, `VMTEST_CELL` and one ' +
        '`VMTEST_<AXIS>` for each axis are added (`node-version` becomes `VMTEST_NODE_VERSION`). Default: empty.',
      examples: [{ CI: '1', API_TOKEN: '${{ env.API_TOKEN }}' }],
    },
    setup: perGuestOs(
      'A command that prepares the guest; when it fails, the cell is in error rather than failed. Text, or a map by ' +
        '`os` of the target with `default` for the others.',
      ['./ci/prepare.sh'],
    ),
    run: perGuestOs(
      'The test command: exit code 0 passes. Required. Text, or a map by `os` of the target with `default` for the ' +
        'others.',
      ['./ci/test.sh "$VMTEST_NODE"', { windows: '.\\ci\\test.ps1', default: './ci/test.sh' }],
    ),
    shell: perGuestOs(
      'What runs `setup` and `run`: `sh`, `bash`, `pwsh`, `powershell`, `cmd`, `python`, or a command line in which ' +
        '`{0}` stands for the script file. May be a map by `os`, as `run`. Default: `sh`; `powershell` on Windows.',
      ['bash', 'perl {0}'],
    ),
    results: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string', minLength: 1 },
          {
            type: 'object',
            additionalProperties: false,
            required: ['files', 'format'],
            properties: {
              files: { type: 'string', minLength: 1, description: 'A glob.' },
              format: { enum: RESULT_FORMATS, description: 'What these files are, whatever they look like.' },
            },
          },
        ],
      },
      default: [],
      description:
        'Globs of result files in the guest, relative to `upload.to`: JUnit XML, TAP, `go test -json`, TRX, NUnit, ' +
        'xUnit.net or CTRF, told by their content, or named: `{ files: GLOB, format: NAME }` with ' +
        `${RESULT_FORMATS.map((name) => `\`${name}\``).join(', ')}. ` +
        'Default: none; the exit code alone decides.',
      examples: [['reports/**/*.xml'], [{ files: 'out/*.log', format: 'tap' }]],
    },
    artifacts: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      description: 'Globs of other files to bring out, whatever the outcome. Default: none.',
      examples: [['logs/**']],
    },
    timeout: {
      type: 'string',
      format: 'time-span',
      default: PHASE_DEFAULTS.run,
      description: `Deadline of the test command. Default: \`${PHASE_DEFAULTS.run}\`.`,
      examples: ['90s', '1h30m'],
    },
    'idle-timeout': {
      type: 'string',
      format: 'time-span',
      description:
        'A command (`setup`, `run`) that prints nothing for so long is ended: what hangs need not wait for its deadline. ' +
        'Silence of `run` is a failed test, that of `setup` an error. A look-up that is empty counts as none. Default: ' +
        'none; a command may be silent.',
      examples: ['5m'],
    },
    'continue-on-error': {
      type: 'boolean',
      default: false,
      description:
        'A failure of such a cell neither triggers `fail-fast` nor fails the run. A look-up that is empty counts as ' +
        '`false`. Default: `false`.',
      examples: ['${{ matrix.experimental }}'],
    },
  },
} as const satisfies JsonSchema;

/** As written: look-ups of a cell are still in the texts (and may stand in place of a boolean or a time span). */
export type RawTest = FromSchema<typeof testSchema>;
