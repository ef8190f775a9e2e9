/** What a machine of any engine has to be able to, as one word each. */

export const VERBS = [
  'probe',
  'restore',
  'start',
  'address',
  'exec',
  'status',
  'stop',
  'screenshot',
  'release',
] as const;

export type Verb = (typeof VERBS)[number];

/** A program says in its `probe` which of these it knows; without a word it knows none. */
export const OPTIONAL_VERBS = ['address', 'exec', 'status', 'stop', 'screenshot'] as const satisfies Verb[];

export type OptionalVerb = (typeof OPTIONAL_VERBS)[number];

/** No machine does without. */
export const NEEDED_VERBS = ['restore', 'start', 'release'] as const satisfies Verb[];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * How long a program may take, in milliseconds, should the phase that it runs in allow more. A command of `exec` takes as long as
 * it takes, and `stop` its grace on top.
 */
export const DEADLINES: Readonly<Record<Exclude<Verb, 'exec'>, number>> = {
  probe: 20 * SECOND,
  restore: 15 * MINUTE,
  start: 15 * MINUTE,
  address: MINUTE,
  status: 20 * SECOND,
  stop: MINUTE,
  screenshot: 20 * SECOND,
  release: 2 * MINUTE,
};
