/** Small schemas that several sections share. */
import type { JsonSchema } from '../engine-schema.ts';

/** Letters, digits, `_` and `-`: what may follow a dot in `${{ matrix.x }}` and become part of `VMTEST_<AXIS>`. */
export const NAME = '^[A-Za-z_][A-Za-z0-9_-]*$';
export const NAME_WORDS = 'a letter or `_`, then letters, digits, `_` and `-`';

export const ENV_NAME = '^[A-Za-z_][A-Za-z0-9_]*$';
export const ENV_NAME_WORDS = 'a letter or `_`, then letters, digits and `_`';

/** Becomes part of cell ids, folder names and names of machines; never purely a number, to keep the file's order. */
export const TARGET_NAME = '^[A-Za-z][A-Za-z0-9._-]{0,63}$';
export const TARGET_NAME_WORDS = 'a letter, then letters, digits, `.`, `_` and `-`, 64 at most';

/** The engine's `snapshot` names and the like: one printable line. */
export const LABEL = '^[^\\u0000-\\u001f\\u007f]+$';

/** Deadlines without a word about them in the file. `run` is `test.timeout`. */
export const PHASE_DEFAULTS = {
  prepare: '10m',
  restore: '60s',
  boot: '60s',
  connect: '120s',
  upload: '5m',
  setup: '10m',
  run: '15m',
  collect: '2m',
  release: '30s',
} as const;

/** Deadlines of phases, but for `run`. */
export const PHASE_SPANS = {
  prepare: deadline('prepare', "Making a target's clean state on first use: download, first boot, template."),
  restore: deadline('restore', 'A machine of its own in the clean state.'),
  boot: deadline('boot', 'From power-on until the engine says that the machine runs.'),
  connect: deadline('connect', 'Until the guest answers: address, login, a first command.'),
  upload: deadline('upload', 'Copying `test.upload` into the guest.'),
  setup: deadline('setup', '`test.setup`.'),
  collect: deadline('collect', 'Bringing results and artifacts out of the guest.'),
  release: deadline('release', 'Taking the machine away.'),
} as const satisfies Record<string, JsonSchema>;

function deadline(phase: keyof typeof PHASE_DEFAULTS, what: string) {
  const description = `${what} Default: \`${PHASE_DEFAULTS[phase]}\`.`;
  return { type: 'string', format: 'time-span', description } as const;
}

/** A command, or a map from guest OS to command. */
export function perGuestOs<const Description extends string, const Examples extends readonly unknown[]>(
  description: Description,
  examples: Examples,
) {
  const command = { type: 'string', minLength: 1 } as const;
  return {
    description,
    examples,
    anyOf: [
      command,
      {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        properties: {
          linux: command,
          windows: command,
          macos: command,
          freebsd: command,
          other: command,
          default: command,
        },
      },
    ],
  } as const;
}
