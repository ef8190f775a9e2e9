/** A test of CTRF → a case of ours. */
import { BoundedText } from '../../bounded-text.ts';
import type { JsonScalar } from '../../json-stream.ts';
import { keepBlock, keepMessage, keepName, roomForMore } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { keepFailure } from '../failure.ts';

export interface CtrfAttempt {
  /** Plain values by their key, from an untrusted file. */
  fields: Map<string, JsonScalar>;
}

export interface CtrfTest extends CtrfAttempt {
  /** From the outermost. */
  suite: string[];
  attempts: CtrfAttempt[];
  labels: Map<string, string>;
  stdout?: BoundedText;
  stderr?: BoundedText;
}

/** `other` is what a producer could not say otherwise (interrupted, broken, …): only its own word can excuse it. */
const STATUS: Readonly<Record<string, TestStatus>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
};
const NOT_RUN = /^(?:todo|skipped|disabled|ignored|pending|notrun|not[ _-]run|inconclusive)$/i;

export function toCase(test: CtrfTest, context: ReadContext): TestCase {
  const { fields } = test;
  const status = statusOf(test);
  const bad = isBad(status);
  const duration = fields.get('duration');
  const line = fields.get('line');
  return withoutUndefined({
    name: keepName(text(fields, 'name'), context) ?? '(no name)',
    file: keepName(text(fields, 'filePath'), context),
    line: typeof line === 'number' && Number.isInteger(line) && line > 0 ? line : undefined,
    status,
    duration: typeof duration === 'number' && duration >= 0 ? Math.min(duration, ONE_YEAR) : undefined,
    failures: bad ? [failureOf(test, status, context)] : undefined,
    skipReason: status === 'skipped' ? keepMessage(text(fields, 'message'), context) : undefined,
    reruns: rerunsOf(test, status, context),
    properties: propertiesOf(test, context),
    stdout: test.stdout && keepBlock(test.stdout, 'the output of a test', context),
    stderr: test.stderr && keepBlock(test.stderr, 'the output of a test', context),
  });
}

const ONE_YEAR = 365 * 24 * 3600 * 1000;

function statusOf({ fields }: CtrfAttempt): TestStatus {
  const status = text(fields, 'status') ?? '';
  if (Object.hasOwn(STATUS, status)) return STATUS[status] ?? 'error';
  return status === 'other' && NOT_RUN.test(text(fields, 'rawStatus') ?? '') ? 'skipped' : 'error';
}

function failureOf({ fields }: CtrfAttempt, status: TestStatus, context: ReadContext): TestFailure {
  const details = new BoundedText(context.limits.details);
  details.append(text(fields, 'trace') ?? text(fields, 'snippet') ?? '');
  const raw = text(fields, 'rawStatus') ?? text(fields, 'status') ?? 'no status';
  const type = status === 'error' ? raw : undefined;
  return keepFailure({ message: text(fields, 'message'), type, details }, context);
}

/**
 * The failed attempts but for a last one that the test itself tells again. Producers that know only that there were some
 * say `flaky`, or how many `retries`.
 */
function rerunsOf(test: CtrfTest, status: TestStatus, context: ReadContext): TestFailure[] | undefined {
  const failed = test.attempts.filter((attempt) => isBad(statusOf(attempt)));
  const last = failed.at(-1);
  if (last && isBad(status) && text(last.fields, 'message') === text(test.fields, 'message')) failed.pop();
  if (test.attempts.length > 0) {
    if (failed.length === 0 || !roomForMore(context)) return undefined;
    return failed.map((attempt) => failureOf(attempt, 'failed', context));
  }
  const retries = test.fields.get('retries');
  const flaky = test.fields.get('flaky') === true && status === 'passed';
  const count = typeof retries === 'number' && retries > 0 ? Math.floor(retries) : Number(flaky);
  if (count === 0) return undefined;
  const told = Math.min(count, context.limits.failures);
  return Array.from({ length: told }, () => ({ message: 'an earlier attempt failed' }));
}

function isBad(status: TestStatus): boolean {
  return status === 'failed' || status === 'error';
}

function propertiesOf({ labels }: CtrfTest, context: ReadContext): Record<string, string> | undefined {
  const { limits, problems } = context;
  if (labels.size > limits.properties) {
    problems.add(`more than ${limits.properties} properties; the rest was left out`);
  }
  const properties: Record<string, string> = Object.create(null);
  for (const [key, value] of [...labels].slice(0, limits.properties)) {
    const name = keepName(key, context);
    if (name !== undefined && roomForMore(context)) properties[name] = keepMessage(value, context) ?? '';
  }
  return Object.keys(properties).length > 0 ? properties : undefined;
}

function text(fields: ReadonlyMap<string, JsonScalar>, key: string): string | undefined {
  const value = fields.get(key);
  return typeof value === 'string' ? value : undefined;
}
