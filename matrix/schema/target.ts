// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** The keys that every target has, whatever its engine. */
import type { FromSchema } from 'json-schema-to-ts';
import type { JsonSchema } from '../engine-schema.ts';
import { LABEL, PHASE_SPANS } from './parts.ts';

export const guestSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How to get into the guest.',
  examples: [{ user: 'root', key: 'guests/id_ed25519' }],
  properties: {
    user: {
      type: 'string',
      minLength: 1,
      description:
        'The account that runs the tests. Default: `root`; on Windows `Administrator`, on macOS `admin`.',
    },
    key: {
      type: 'string',
      format: 'host-path',
      minLength: 1,
      description: 'Private key file for SSH, on this host.',
      examples: ['guests/id_ed25519'],
    },
    passphrase: {
      type: 'string',
      description: 'Passphrase of `key`.',
      examples: ['${{ env.KEY_PASSPHRASE }}'],
    },
    password: {
      type: 'string',
      description:
        'Password of `user`: for SSH without a key, for a login prompt on the console, and for guest tools that ask for one.',
      examples: ['${{ env.WIN_PASSWORD }}'],
    },
    agent: {
      type: 'boolean',
      default: false,
      description: 'Use the SSH agent of the person who runs vmtest (`SSH_AUTH_SOCK`). Default: `false`.',
    },
    channel: {
      type: 'string',
      enum: ['auto', 'agent', 'ssh', 'console'],
      default: 'auto',
      description:
        'The way in: `ssh`, `agent` (the guest tools of the engine; needs no network), `console` (the shell or ' +
        'login prompt on the serial line; needs nothing, but is slow), or `auto`, the best that engine and target offer; the ' +
        'console only when there is nothing else. Default: `auto`.',
    },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      default: 22,
      description: 'The SSH port in the guest. Default: 22.',
    },
    address: {
      type: 'string',
      minLength: 1,
      description: 'Fixed address of the guest, for engines that cannot find it out.',
      examples: ['192.168.56.10'],
    },
    'host-key': {
      type: 'string',
      pattern: '^(pin|any|SHA256:[A-Za-z0-9+/]{43}=?)$',
      expected: '`pin`, `any` or a fingerprint `SHA256:…`',
      default: 'pin',
      description:
        'Which SSH host key is accepted. `pin`: the one seen when the clean state was made. `any`: every key. ' +
        '`SHA256:…`: the one with this fingerprint. Default: `pin`.',
    },
    shell: {
      type: 'string',
      minLength: 1,
      description:
        "The account's login shell, when it is not the system's usual one (`sh`-like; `cmd` on Windows).",
      examples: ['pwsh'],
    },
    prompt: {
      type: 'string',
      format: 'regex',
      minLength: 1,
      description:
        'What the console shows when its shell is ready, for `channel: console`: a regular expression for the last line. ' +
        'Default: whatever shell answers. Login prompts are answered with `user` and `password` in any case.',
      examples: ['[#$] $'],
    },
    ready: {
      type: 'string',
      minLength: 1,
      description:
        'A command whose success says that the guest is ready. It is repeated before a clean state is kept, and after ' +
        'a cold boot. Default: the first login is enough.',
      examples: ['systemctl is-system-running --wait'],
    },
  },
} as const satisfies JsonSchema;

export const targetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['engine'],
  properties: {
    engine: {
      description:
        'What runs the machine. With a list, the first engine that this host can run is taken; then each key of the ' +
        'target must suit every engine of the list that knows it.',
      examples: ['qemu', ['hyperv', 'virtualbox']],
      anyOf: [
        { type: 'string' },
        { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
      ],
    },
    snapshot: {
      type: 'string',
      pattern: LABEL,
      expected: 'one line of printable text',
      maxLength: 200,
      description:
        'The named clean state that every cell starts from. `none`: a fresh disk overlay and a cold boot. Required, ' +
        'but for engines that make the clean state themselves and have a default.',
      examples: ['clean'],
    },
    os: {
      type: 'string',
      enum: ['linux', 'windows', 'macos', 'freebsd', 'other'],
      default: 'linux',
      description: "The guest's operating system. It decides shells, paths and quoting. Default: `linux`.",
    },
    cpus: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 1,
      description: 'Virtual CPUs. Default: 1.',
    },
    memory: {
      type: 'string',
      format: 'bytes',
      description: 'Memory of the guest. Default: what the VM has, or the default of the engine.',
      examples: ['512M', '2G'],
    },
    jobs: {
      type: 'integer',
      minimum: 1,
      description: 'Only so many cells of this target at a time. Default: no limit of its own.',
    },
    guest: guestSchema,
    timeouts: {
      type: 'object',
      additionalProperties: false,
      description:
        'Deadlines of this target, over those of the file. `run` is over `test.timeout`, `idle` over `test.idle-timeout`.',
      examples: [{ boot: '5m' }],
      properties: {
        ...PHASE_SPANS,
        run: {
          type: 'string',
          format: 'time-span',
          description: 'The test command. Default: `test.timeout`.',
        },
        idle: {
          type: 'string',
          format: 'time-span',
          description: 'The longest silence of a command. Default: `test.idle-timeout`.',
        },
      },
    },
  },
} as const satisfies JsonSchema;

/** A target after substitution; the engine's own keys lie beside these. */
export type RawTarget = FromSchema<typeof targetSchema>;
export type RawGuest = FromSchema<typeof guestSchema>;
