/** What a program is asked, as JSON Schema (draft 7). */
import type { FromSchema } from 'json-schema-to-ts';
import { text } from './schema-parts.ts';
import { VERBS } from './verbs.ts';

/** Goes up when a program that is right today would be wrong tomorrow. */
export const PROTOCOL = 1;

export const requestSchema = {
  type: 'object',
  description: 'On stdin (but for `exec`) and in VMTEST_REQUEST.',
  additionalProperties: false,
  required: ['protocol', 'verb', 'target', 'snapshot', 'os', 'cpus', 'guest', 'with'],
  properties: {
    protocol: { const: PROTOCOL },
    verb: { enum: VERBS },
    target: text("The target's name in the matrix file."),
    snapshot: text('The clean state that is wanted.'),
    os: { enum: ['linux', 'windows', 'macos', 'freebsd', 'other'] },
    cpus: { type: 'integer', minimum: 1 },
    memory: { type: 'integer', description: 'Bytes.' },
    guest: {
      type: 'object',
      description: 'How vmtest will log in. No passwords: keys are paths.',
      additionalProperties: false,
      required: ['user', 'port'],
      properties: {
        user: { type: 'string' },
        port: { type: 'integer', description: "The SSH server's." },
        key: text("The private key's path."),
        address: text('When the matrix file has a fixed one.'),
      },
    },
    with: { type: 'object', additionalProperties: { type: 'string' }, description: 'As in the matrix file.' },
    machine: {
      type: 'object',
      description: 'All verbs but `probe`.',
      additionalProperties: false,
      required: ['name', 'lease', 'folder', 'consoleLog'],
      properties: {
        name: text('What the machine has to be called: unique on this host, letters, digits and `-`.'),
        lease: text('The part of the name that is unique: eight letters and digits.'),
        folder: text('A folder of its own, there already, removed after `release`.'),
        consoleLog: text('The file for what its serial console prints, if anything.'),
      },
    },
    graceMs: {
      type: 'integer',
      minimum: 0,
      description: '`stop`: how long the guest may take to shut down.',
    },
    path: text('`screenshot`: the PNG file to write.'),
    command: text("`exec`: a line for the guest's shell."),
  },
} as const;

export type Request = FromSchema<typeof requestSchema>;
