/**
 * Result files of unfriendly sizes in bounded memory: in a process of its own with a small heap, which a reader that
 * holds on to what it reads does not survive. `bench/results-reading.ts` has files of very many tests.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LARGE } from '../../fixtures/large-results.ts';

const READER = fileURLToPath(new URL('../../fixtures/read-large.ts', import.meta.url));
/** Megabytes, of the JavaScript heap and of what the process may grow by. */
const HEAP = 192;
const GROWTH = 192;

interface Read {
  outcome: string;
  tests: number;
  problems: string[];
  growth: number;
}

async function readLarge(shape: string, megabytes: number): Promise<Read> {
  const args = [`--max-old-space-size=${HEAP}`, '--import', 'tsx', READER, shape, String(megabytes)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Read;
}

const TOO_LONG = /^a tag, comment or declaration is longer than 16777216 characters/;
const TOTAL = /^a text was cut, for the results hold more than 67108864 characters/;
const CUT = /was too long and lost its middle$/;

/** Sizes in megabytes; smaller where reading is slow. What comes of it after exit code 0, and what is said. */
const EXPECTED: Readonly<Record<string, [size: number, outcome: string, problem?: RegExp]>> = {
  'junit: output of one test': [500, 'passed', CUT],
  'junit: output of one test, in CDATA': [500, 'passed', CUT],
  'junit: a message': [200, 'error', TOO_LONG],
  'junit: a tag without an end': [200, 'error', TOO_LONG],
  'junit: a comment': [200, 'error', TOO_LONG],
  'junit: tests': [40, 'passed'],
  'junit: tests that fail': [120, 'failed', TOTAL],
  'junit: more tests than are read': [500, 'error', /^there are more than 1000000 tests/],
  'junit: elements in elements': [200, 'error', /^elements are nested more than 200 deep/],
  'tap: one line': [200, 'error', /^a line is longer than 16777216 characters/],
  'tap: diagnostics': [30, 'failed', CUT],
  'tap: comments': [30, 'failed', CUT],
  'tap: subtests': [20, 'error', /^there are more than 200000 suites/],
  'go-test: one event': [200, 'error', /^an event is longer than 16777216 characters/],
  'go-test: output of one test': [30, 'passed', CUT],
  'go-test: tests that all run at once': [60, 'failed', /^output was left out/],
  'ctrf: a trace': [60, 'failed', CUT],
  'ctrf: what nobody knows': [15, 'passed'],
  'trx: output of one test': [60, 'passed', CUT],
};

describe('large files', { timeout: 120_000 }, () => {
  test('each has its expectation', () => {
    expect(Object.keys(EXPECTED)).toEqual(Object.keys(LARGE));
  });

  test.each(Object.entries(EXPECTED))('%s', async (shape, [size, outcome, problem]) => {
    const result = await readLarge(shape, size);
    expect(result.outcome).toBe(outcome);
    if (problem) expect(result.problems).toContainEqual(expect.stringMatching(problem));
    else expect(result.problems).toEqual([]);
    expect(result.growth).toBeLessThan(GROWTH);
  });
});
