/**
 * The protocol between vmtest and a program that knows an engine, as JSON Schema (draft 7): what may be answered to what is
 * asked. Published as `schema/command.schema.json`; every answer is held to it.
 */
import type { FromSchema } from 'json-schema-to-ts';
import { requestSchema } from './request-schema.ts';
import { text, texts } from './schema-parts.ts';
import { OPTIONAL_VERBS } from './verbs.ts';

const code = {
  type: 'string',
  pattern: '^[A-Z][A-Z0-9_]*$',
  description: 'A stable name for scripts and reports: `BHYVE_NO_MEMORY`.',
} as const;
const message = text('What is wrong, in one line.');
const hint = text('How to mend it.');

const nothing = { type: 'object', additionalProperties: false, properties: {} } as const;

/** Each with an example, which messages show. */
export const answerSchemas = {
  probe: {
    type: 'object',
    additionalProperties: false,
    examples: [{ verbs: ['address', 'stop', 'status'] }],
    properties: {
      verbs: {
        type: 'array',
        items: { enum: OPTIONAL_VERBS },
        uniqueItems: true,
        description: 'The optional verbs that the program knows. Default: none.',
      },
      problems: {
        type: 'array',
        description: 'Why this target cannot run here. Default: none.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['message'],
          properties: { code, message, hint },
        },
      },
      demand: {
        type: 'object',
        description: 'What one machine takes of this host. Default: `cpus` and `memory` of the target.',
        additionalProperties: false,
        properties: {
          cpus: { type: 'number', minimum: 0 },
          memory: { type: 'integer', minimum: 0, description: 'Bytes.' },
        },
      },
      exclusive: text('The name of something that only one cell may use at a time. Default: nothing.'),
      cleanState: text('How cells get their clean state, for people.'),
      slowdown: {
        type: 'number',
        minimum: 1,
        maximum: 100,
        description: "Factor on vmtest's own deadlines, for machines that are emulated. Default: 1.",
      },
      notes: texts('What people should know, such as the version of the engine.'),
    },
  },
  restore: {
    type: 'object',
    additionalProperties: false,
    examples: [{}, { identity: 'image-20260131' }],
    properties: {
      identity: text(
        'Changes when the clean state is made anew: host keys are pinned to it. Default: the keys of the target.',
      ),
    },
  },
  start: {
    type: 'object',
    additionalProperties: false,
    examples: [{}, { waysIn: ['vncviewer 127.0.0.1:5901'] }],
    properties: { waysIn: texts('Commands by which a person gets into a machine that is kept.') },
  },
  address: {
    type: 'object',
    additionalProperties: false,
    examples: [{}, { host: '192.168.64.7' }, { host: '127.0.0.1', port: 2222 }],
    description: 'Empty while it is not known: it is asked again.',
    properties: {
      host: text('Where the SSH server of the guest is reached.'),
      port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'Default: `guest.port`.' },
    },
    anyOf: [{ required: ['host'] }, { maxProperties: 0 }],
  },
  status: {
    type: 'object',
    additionalProperties: false,
    required: ['state'],
    examples: [{ state: 'running' }, { state: 'stopped', reason: 'the guest powered off' }],
    properties: {
      state: {
        enum: ['running', 'stopped', 'absent'],
        description: '`stopped`: it does not run, but takes room. `absent`: nothing of it is there.',
      },
      reason: text('Why it does not run.'),
    },
  },
  stop: { ...nothing, examples: [{}] },
  screenshot: { ...nothing, examples: [{}] },
  release: { ...nothing, examples: [{}] },
} as const;

export type AnsweringVerb = keyof typeof answerSchemas;

/** Each by itself: of all together the compiler makes too much. */
interface Answers {
  probe: FromSchema<typeof answerSchemas.probe>;
  restore: FromSchema<typeof answerSchemas.restore>;
  start: FromSchema<typeof answerSchemas.start>;
  address: FromSchema<typeof answerSchemas.address>;
  status: FromSchema<typeof answerSchemas.status>;
  stop: FromSchema<typeof answerSchemas.stop>;
  screenshot: FromSchema<typeof answerSchemas.screenshot>;
  release: FromSchema<typeof answerSchemas.release>;
}

export type Answer<V extends AnsweringVerb> = Answers[V];

/** On stdout, with an exit code other than 0. Without it, the last line on stderr is the message. */
export const failureSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['message'],
  examples: [{ message: 'no such image: freebsd-14', hint: 'List them with: bhyve images' }],
  properties: {
    code,
    message,
    hint,
    retryable: { type: 'boolean', description: 'The same may succeed on a fresh machine. Default: false.' },
  },
} as const;

/** `schema/command.schema.json`: each part by its name. */
export function publishedProtocol(): object {
  const answers = Object.entries(answerSchemas).map(([verb, schema]) => [`${verb}-answer`, schema]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'vmtest engine protocol',
    description: 'What a program of the engine `command` is asked, and what it may answer.',
    definitions: { request: requestSchema, ...Object.fromEntries(answers), failure: failureSchema },
  };
}
