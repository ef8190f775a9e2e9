/** One file of each producer in `test/fixtures/results/`, made by the tool itself or after its documented shape. */
import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { countTests } from '../../../../src/results/counts.ts';
import type { ParsedResults } from '../../../../src/results/parsed-results.ts';
import { readResults } from '../../../../src/results/read-results.ts';
import { outline, wouldBe } from '../read.ts';

const FOLDER = fileURLToPath(new URL('../../../fixtures/results/', import.meta.url));

interface Expected {
  passed?: number;
  failed?: number;
  error?: number;
  skipped?: number;
  /** Cases with failed attempts kept beside them. */
  reruns?: number;
  problems?: RegExp[];
  /** After exit code 0. */
  outcome: string;
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  'ctrf/old-jest.json': { passed: 2, reruns: 1, outcome: 'passed' },
  'ctrf/spec.json': { passed: 2, failed: 1, error: 1, skipped: 3, reruns: 2, outcome: 'failed' },
  'go-test/build-fails.json': { error: 1, outcome: 'failed' },
  'go-test/cached.json': { passed: 1, outcome: 'passed' },
  'go-test/cut-off.json': {
    passed: 1,
    error: 1,
    problems: [/in the middle/, /has no end/],
    outcome: 'error',
  },
  'go-test/gotestsum-rerun.json': { passed: 2, reruns: 1, outcome: 'passed' },
  'go-test/init-fails.json': { passed: 1, failed: 1, outcome: 'failed' },
  'go-test/mixed.json': { passed: 2, failed: 2, skipped: 1, outcome: 'failed' },
  'go-test/panic.json': { passed: 1, error: 1, outcome: 'failed' },
  'go-test/windows-utf16.json': { passed: 1, outcome: 'passed' },
  'junit/bats.xml': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'junit/bazel.xml': { error: 1, outcome: 'failed' },
  'junit/ctest.xml': { passed: 1, failed: 1, skipped: 3, outcome: 'failed' },
  'junit/erlang.xml': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'junit/go-junit-report.xml': { passed: 1, failed: 1, error: 1, outcome: 'failed' },
  'junit/googletest.xml': { passed: 1, failed: 1, skipped: 2, outcome: 'failed' },
  'junit/gotestsum.xml': { passed: 1, failed: 2, skipped: 1, outcome: 'failed' },
  'junit/gradle.xml': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'junit/jest-junit.xml': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  // It leaves out skipped tests, and counts them.
  'junit/mocha-junit-reporter.xml': {
    passed: 1,
    failed: 1,
    problems: [/parser declares 3 tests, but has only 2/],
    outcome: 'failed',
  },
  'junit/mocha-xunit.xml': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'junit/nextest.xml': { passed: 2, failed: 1, reruns: 1, outcome: 'failed' },
  'junit/node-test.xml': { passed: 5, failed: 1, skipped: 2, outcome: 'failed' },
  'junit/phpunit.xml': { passed: 1, failed: 1, error: 1, outcome: 'failed' },
  'junit/playwright-utf16.xml': { passed: 1, failed: 1, outcome: 'failed' },
  // It counts a test that fails in its teardown twice.
  'junit/pytest.xml': {
    passed: 3,
    failed: 1,
    error: 1,
    skipped: 2,
    problems: [/pytest declares 8 tests, but has only 7/],
    outcome: 'failed',
  },
  'junit/robot.xml': { passed: 1, failed: 1, outcome: 'failed' },
  'junit/several-documents.xml': { passed: 1, skipped: 1, outcome: 'passed' },
  'junit/surefire-old-latin1.xml': { passed: 1, error: 1, outcome: 'failed' },
  'junit/surefire-rerun.xml': { passed: 2, failed: 1, reruns: 2, outcome: 'failed' },
  'junit/truncated.xml': {
    passed: 1,
    error: 1,
    problems: [/in the middle/, /declares 3 tests, but has only 2/],
    outcome: 'error',
  },
  'junit/vitest.xml': { passed: 4, failed: 1, skipped: 2, outcome: 'failed' },
  'nunit/nunit3.xml': { passed: 2, failed: 1, error: 2, skipped: 2, outcome: 'failed' },
  'tap/all-skipped.tap': { skipped: 1, outcome: 'passed' },
  'tap/bail-out.tap': { passed: 1, failed: 1, outcome: 'failed' },
  'tap/bats.tap': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'tap/no-plan.tap': { passed: 2, problems: [/the plan \(1\.\.N\) is missing/], outcome: 'error' },
  'tap/node-test.tap': { passed: 5, failed: 1, skipped: 2, outcome: 'failed' },
  'tap/perl.tap': { passed: 2, failed: 2, skipped: 3, outcome: 'failed' },
  'tap/plan-mismatch.tap': { passed: 2, failed: 1, outcome: 'failed' },
  'tap/tap14.tap': { passed: 1, failed: 2, skipped: 2, outcome: 'failed' },
  'tap/tape.tap': { passed: 1, failed: 1, outcome: 'failed' },
  'tap/vitest-flat.tap': { passed: 4, failed: 1, skipped: 2, outcome: 'failed' },
  'tap/vitest.tap': { passed: 4, failed: 1, skipped: 2, outcome: 'failed' },
  'trx/host-crashed.trx': { passed: 1, error: 1, outcome: 'failed' },
  'trx/mstest-rows.trx': { passed: 2, error: 1, skipped: 1, outcome: 'failed' },
  'trx/xunit-vstest.trx': { passed: 1, failed: 1, skipped: 1, outcome: 'failed' },
  'xunit/xunit2.xml': { passed: 2, failed: 1, error: 1, skipped: 1, outcome: 'failed' },
};

const read = (file: string, options = {}): Promise<ParsedResults> => readResults(join(FOLDER, file), options);

function countReruns({ suites }: ParsedResults): number {
  return suites.flatMap(({ cases }) => cases).filter(({ reruns }) => reruns !== undefined).length;
}

describe('files of producers', () => {
  test('each has its expectation', () => {
    const files = readdirSync(FOLDER).flatMap((dialect) =>
      readdirSync(join(FOLDER, dialect)).map((file) => `${dialect}/${file}`),
    );
    expect(files.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(Object.entries(EXPECTED))('%s', async (file, expected) => {
    const { passed = 0, failed = 0, error = 0, skipped = 0, reruns = 0, problems = [] } = expected;
    const result = await read(file);
    const total = passed + failed + error + skipped;
    expect(countTests(result.suites)).toEqual({ total, passed, failed, error, skipped });
    expect(countReruns(result)).toBe(reruns);
    expect(result.problems).toEqual(problems.map((problem) => expect.stringMatching(problem)));
    expect(wouldBe(result)).toBe(expected.outcome);
  });

  test.each(Object.keys(EXPECTED))(
    '%s is the same in pieces of 7 bytes, and with its dialect named',
    async (file) => {
      const [format] = file.split('/');
      const whole = await read(file);
      expect(await readResults(slowly(join(FOLDER, file), 7))).toEqual(whole);
      expect(await read(file, { format })).toEqual(whole);
    },
  );
});

async function* slowly(path: string, size: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = await file.readFile();
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  } finally {
    await file.close();
  }
}

describe('names, the identity of tests', () => {
  test.each([
    [
      'trx/xunit-vstest.trx',
      [
        'App.Tests.dll / App.ParserTests / Reads: passed',
        'App.Tests.dll / App.ParserTests / Fails(n: 1): failed',
        'App.Tests.dll / App.ParserTests / Waits: skipped',
      ],
    ],
    [
      'trx/mstest-rows.trx',
      [
        'App.Tests.dll / App.RowTests / Rows (1): passed',
        'App.Tests.dll / App.RowTests / Rows (2): error',
        'App.Tests.dll / App.RowTests / Unsure: skipped',
        'tests / - / Nowhere: passed',
      ],
    ],
    [
      'xunit/xunit2.xml',
      [
        'App.Tests.dll / - / (assembly-cleanup): error',
        'App.Tests.dll / App.ParserTests / Reads: passed',
        'App.Tests.dll / App.ParserTests / Fails(n: 1, text: "a\\0"): failed',
        'App.Tests.dll / App.ParserTests / Waits: skipped',
        'App.Tests.dll / App.OtherTests / A name of its own: passed',
      ],
    ],
    [
      'nunit/nunit3.xml',
      [
        'App.Tests.dll / App.ParserTests / Reads: passed',
        'App.Tests.dll / App.ParserTests / Fails: failed',
        'App.Tests.dll / App.ParserTests / Throws: error',
        'App.Tests.dll / App.ParserTests / Waits: skipped',
        'App.Tests.dll / App.ParserTests / Unsure: skipped',
        'App.Tests.dll / App.DbTests / Connects: passed',
        'App.Tests.dll / App.DbTests / (TearDown): error',
      ],
    ],
    [
      'tap/vitest.tap',
      [
        'a.test.ts / - / stands alone: passed',
        'a.test.ts > parser / - / reads # and {: passed',
        'a.test.ts > parser / - / fails: failed',
        'a.test.ts > parser / - / is skipped: skipped',
        'a.test.ts > parser / - / is to do: skipped',
        'a.test.ts > parser > numbers / - / zero: passed',
        'b.test.ts / - / flaky: passed',
      ],
    ],
    [
      'go-test/init-fails.json',
      [
        'example.com/app / example.com/app / (package): failed',
        'example.com/app/db / example.com/app/db / TestConnects: passed',
      ],
    ],
  ])('%s', async (file, names) => {
    expect(outline(await read(file))).toEqual(names);
  });
});

test('the same suite is known by the same names from every reporter of node:test and vitest', async () => {
  const names = async (file: string): Promise<string[]> =>
    (await read(file)).suites
      .flatMap(({ name, cases }) => cases.map((one) => `${name} > ${one.name}`))
      .toSorted();
  expect(await names('tap/node-test.tap')).toEqual(await names('junit/node-test.xml'));
  expect(await names('tap/vitest.tap')).toEqual(await names('junit/vitest.xml'));
});
