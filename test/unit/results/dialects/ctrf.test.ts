import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyCase, outline, read, wouldBe } from '../read.ts';

const report = (tests: unknown, summary: object = {}): string =>
  JSON.stringify({
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    results: { tool: { name: 't' }, summary, tests },
  });
const one = (fields: object) => read(report([{ name: 'a', ...fields }]));

describe('a test', () => {
  test.each([
    [{ status: 'passed' }, 'passed', 'passed'],
    [{ status: 'failed' }, 'failed', 'failed'],
    [{ status: 'skipped' }, 'skipped', 'passed'],
    [{ status: 'pending' }, 'skipped', 'passed'],
    [{ status: 'other', rawStatus: 'todo' }, 'skipped', 'passed'],
    [{ status: 'other', rawStatus: 'interrupted' }, 'error', 'failed'],
    [{ status: 'other' }, 'error', 'failed'],
    [{ status: 'PASSED' }, 'error', 'failed'],
    [{ status: 'constructor' }, 'error', 'failed'],
    [{}, 'error', 'failed'],
    [{ status: { toString: 'passed' } }, 'error', 'failed'],
  ])('%j', async (fields, status, outcome) => {
    const result = await one(fields);
    expect(onlyCase(result).status).toBe(status);
    expect(wouldBe(result)).toBe(outcome);
  });

  test('attempts: those that failed, but for the one that the test tells itself', async () => {
    const attempts = [
      { attempt: 1, status: 'failed', message: 'first' },
      { attempt: 2, status: 'passed' },
      { attempt: 3, status: 'failed', message: 'last' },
    ];
    const failed = await one({ status: 'failed', message: 'last', retryAttempts: attempts });
    expect(onlyCase(failed).reruns).toEqual([{ message: 'first' }]);
    const passed = await one({ status: 'passed', retryAttempts: attempts });
    expect(onlyCase(passed).reruns).toEqual([{ message: 'first' }, { message: 'last' }]);
  });

  test.each([
    [{ status: 'passed', flaky: true }, 1],
    [{ status: 'passed', retries: 3 }, 3],
    [{ status: 'failed', retries: 1 }, 1],
    [{ status: 'passed', retries: 0, flaky: false }, 0],
    [{ status: 'passed', retries: 1e9 }, 20],
  ])('attempts that are only counted: %j', async (fields, count) => {
    expect(onlyCase(await one(fields)).reruns ?? []).toHaveLength(count);
  });
});

test('fewer tests than declared are said', async () => {
  const result = await read(report([{ name: 'a', status: 'passed' }], { tests: 3 }));
  expect(result.problems).toEqual(['the file declares 3 tests, but has only 1']);
});

test('a report without tests is no pass', async () => {
  for (const tests of [[], {}, null, 'none']) expect(wouldBe(await read(report(tests)))).toBe('error');
});

test('tests of a suite stand together, wherever they come', async () => {
  const result = await read(
    report([
      { name: 'a', status: 'passed', suite: ['f', 's'] },
      { name: 'b', status: 'passed' },
      { name: 'c', status: 'passed', suite: ['f', 's'] },
    ]),
  );
  expect(outline(result)).toEqual([
    'f > s / - / a: passed',
    'f > s / - / c: passed',
    'tests / - / b: passed',
  ]);
});

test('limits, each of which is said', async () => {
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`l${at}`, at]));
  const retryAttempts = Array.from({ length: 30 }, () => ({ status: 'failed' }));
  const limits = { properties: 3, failures: 2, cases: 2, message: 10 };
  const test = { name: 'a', status: 'failed', message: 'm'.repeat(50), labels, retryAttempts };
  const result = await read(report([test, test, test]), { limits });
  expect(outline(result)).toHaveLength(2);
  expect(Object.keys(result.suites[0]?.cases[0]?.properties ?? {})).toHaveLength(3);
  expect(result.problems).toEqual([
    'a test has more than 2 failures; the rest was left out (56 times)',
    'a message was longer than 10 characters and was cut (2 times)',
    'more than 3 properties; the rest was left out (2 times)',
    'there are more than 2 tests; the rest was not read',
  ]);
});

describe('what is cut off or broken', () => {
  const bytes = Buffer.from(
    report([{ name: 'größe', status: 'passed', duration: 1, suite: ['a'], extra: { b: [1] } }]),
  );

  test('cut at any byte, it is no pass', async () => {
    expect(wouldBe(await read(bytes))).toBe('passed');
    for (let length = 0; length < bytes.length; length++) {
      const result = await read(bytes.subarray(0, length), { chunk: 13, format: 'ctrf' });
      expect(wouldBe(result), `cut at ${length}`).not.toBe('passed');
    }
  });

  test('a test of any shape neither throws nor passes without saying so', async () => {
    const shape = fc.record({
      status: fc.anything(),
      name: fc.anything(),
      retryAttempts: fc.anything(),
      suite: fc.anything(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { minLength: 1 }), async (tests) => {
        const text = JSON.stringify(tests, (_key, value: unknown) => (typeof value === 'bigint' ? 1 : value));
        const passed = tests.every(({ status }) =>
          ['passed', 'skipped', 'pending'].includes(status as string),
        );
        expect(wouldBe(await read(report(JSON.parse(text))))).toBe(passed ? 'passed' : 'failed');
      }),
    );
  });
});
