/** One test of a CTRF report, collected from its values as they come. */
import { BoundedText } from '../../bounded-text.ts';
import type { JsonNode, JsonScalar } from '../../json-stream.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { CtrfAttempt, CtrfTest } from './ctrf-case.ts';

/** @param done Told of the test at its end; not of one that the file leaves without. */
export function testNode(context: ReadContext, done: (test: CtrfTest) => void): JsonNode {
  const { limits, problems } = context;
  const test: CtrfTest = { fields: new Map(), suite: [], attempts: [], labels: new Map() };
  const attempts: JsonNode = {
    child() {
      const attempt: CtrfAttempt = { fields: new Map() };
      if (test.attempts.length < limits.failures) test.attempts.push(attempt);
      else problems.add(`a test has more than ${limits.failures} failures; the rest was left out`);
      return { value: (key, value) => setField(attempt.fields, key, value) };
    },
  };
  const output = (which: 'stdout' | 'stderr'): JsonNode => {
    const text = new BoundedText(limits.caseOutput);
    test[which] = text;
    return {
      value: (_key, line) => {
        if (typeof line === 'string') text.append(line.endsWith('\n') ? line : `${line}\n`);
      },
    };
  };
  const nodes: Readonly<Record<string, () => JsonNode>> = {
    retryAttempts: () => attempts,
    retries: () => attempts,
    stdout: () => output('stdout'),
    stderr: () => output('stderr'),
    suite: () => ({
      value: (_key, name) => {
        if (typeof name === 'string' && test.suite.length < limits.depth)
          test.suite.push(name.slice(0, limits.name));
      },
    }),
    labels: () => ({
      value: (key, value) => {
        if (key !== undefined && test.labels.size <= limits.properties) {
          test.labels.set(key.slice(0, limits.name), String(value).slice(0, limits.message));
        }
      },
    }),
  };
  return {
    child: (key = '') => (Object.hasOwn(nodes, key) ? nodes[key]?.() : undefined),
    value(key, value) {
      // Until 0.0.1 the suite was one text.
      if (key === 'suite' && typeof value === 'string') test.suite = [value.slice(0, limits.name)];
      else setField(test.fields, key, value);
    },
    close: () => done(test),
  };
}

/** Those that are read; a guest may invent any number of others. */
const FIELDS = new Set([
  'name',
  'status',
  'rawStatus',
  'duration',
  'message',
  'trace',
  'snippet',
  'type',
  'filePath',
  'line',
  'flaky',
  'retries',
]);

function setField(fields: Map<string, JsonScalar>, key: string | undefined, value: JsonScalar): void {
  if (key !== undefined && FIELDS.has(key)) fields.set(key, value);
}
