/** TRX, NUnit and xUnit.net: what their fixtures do not show. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { onlyCase, outline, read, wouldBe } from '../read.ts';

const fixture = (file: string): Promise<Buffer> =>
  readFile(new URL(`../../../fixtures/results/${file}`, import.meta.url));

describe('TRX', () => {
  const trx = (results: string, summary = '<ResultSummary outcome="Completed"/>') =>
    `<TestRun><Results>${results}</Results>${summary}</TestRun>`;

  test.each([
    ['Passed', 'passed'],
    ['Failed', 'failed'],
    ['NotExecuted', 'skipped'],
    ['Inconclusive', 'skipped'],
    ['Aborted', 'error'],
    ['Timeout', 'error'],
    ['Error', 'error'],
    ['NotRunnable', 'error'],
    ['Disconnected', 'error'],
    ['', 'error'],
    ['Splendid', 'error'],
  ])('outcome %j is %s', async (outcome, status) => {
    const result = await read(trx(`<UnitTestResult testName="a" outcome="${outcome}"/>`));
    expect(onlyCase(result).status).toBe(status);
  });

  test.each([
    ['00:00:00.0123456', 12.346],
    ['01:02:03', 3_723_000],
    ['1.00:00:01.5', 86_401_500],
    ['soon', undefined],
  ])('took %s', async (duration, ms) => {
    const result = await read(trx(`<UnitTestResult testName="a" outcome="Passed" duration="${duration}"/>`));
    expect(onlyCase(result).duration).toBe(ms);
  });

  test.each(['Failed', 'Aborted', 'Error', 'Timeout', 'Disconnected'])(
    'a run that ended as %s fails, whatever its tests say',
    async (outcome) => {
      const summary = `<ResultSummary outcome="${outcome}"/>`;
      const result = await read(trx('<UnitTestResult testName="a" outcome="Passed"/>', summary));
      expect(outline(result)).toEqual(['tests / - / a: passed', 'run / - / (run): error']);
      expect(wouldBe(result)).toBe('failed');
    },
  );

  test('inner results count among the tests', async () => {
    const rows = '<UnitTestResult testName="r" outcome="Passed"/>'.repeat(9);
    const parent = `<UnitTestResult testName="p" outcome="Failed"><InnerResults>${rows}</InnerResults></UnitTestResult>`;
    const whole = await read(trx(parent));
    expect(outline(whole)).toHaveLength(10);
    expect(wouldBe(whole)).toBe('failed');
    const capped = await read(trx(parent), { limits: { cases: 4 } });
    expect(capped.problems[0]).toBe('there are more than 4 tests; the rest was not read');
  });
});

describe('NUnit', () => {
  test('a test without a known result broke', async () => {
    const result = await read(
      '<test-run><test-case name="a" result="constructor"/><test-case name="b"/></test-run>',
    );
    expect(outline(result)).toEqual(['tests / - / a: error', 'tests / - / b: error']);
  });

  test('a suite fails by itself in its set-up, not by what is in it or around it', async () => {
    const suite = (site: string) =>
      `<test-suite type="TestFixture" name="${site}" result="Failed" site="${site}"/>`;
    const result = await read(
      `<test-run><test-suite type="Assembly" name="a.dll" result="Failed" site="Child">${['SetUp', 'Parent', 'Child', 'TearDown', 'Test'].map(suite).join('')}</test-suite></test-run>`,
    );
    expect(outline(result)).toEqual([
      'a.dll / - / (SetUp): error',
      'a.dll / - / (TearDown): error',
      'a.dll / - / (Test): error',
    ]);
  });
});

describe('xUnit.net', () => {
  test('v1: classes in a bare assembly', async () => {
    const result = await read(
      '<assembly name="a.dll" run-date="2026-11-21" run-time="09:30:00" total="2"><class name="C"><test name="C.m" type="C" result="Pass"/><test name="C.n" type="C" result="Odd"/></class></assembly>',
    );
    expect(outline(result)).toEqual(['a.dll / C / m: passed', 'a.dll / C / n: error']);
    expect(result.suites[0]?.timestamp).toBe('2026-11-21T09:30:00.000Z');
  });

  test('a manifest of Windows is none', async () => {
    const result = await read('<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"/>');
    expect(result.problems[0]).toMatch(/^the file is not a test result: its first element is <assembly>/);
  });
});

test.each([
  [
    'xUnit.net',
    `<assemblies><assembly name="a.dll"><errors>${'<error/>'.repeat(9)}</errors></assembly></assemblies>`,
  ],
  ['TRX', `<TestRun>${'<ResultSummary outcome="Aborted"/>'.repeat(9)}</TestRun>`],
])('%s: what broke beside the tests is capped as they are', async (_dialect, text) => {
  const result = await read(text, { limits: { cases: 3 } });
  expect(outline(result)).toHaveLength(3);
  expect(result.problems).toEqual(['there are more than 3 tests; the rest was not read']);
});

describe.each(['trx/xunit-vstest.trx', 'nunit/nunit3.xml', 'xunit/xunit2.xml'])('%s', (file) => {
  test('cut off anywhere is not whole', async () => {
    const bytes = await fixture(file);
    const end = bytes.lastIndexOf('>');
    for (let length = 0; length < end; length += 7) {
      expect(await read(bytes.subarray(0, length), { chunk: 101 }), `cut at ${length}`).toMatchObject({
        complete: false,
      });
    }
  });

  test('refuses entities', async () => {
    const text = (await fixture(file))
      .toString()
      .replace(/(?=<(?:TestRun|test-run|assemblies))/, '<!DOCTYPE a [<!ENTITY b "c">]>');
    const result = await read(text);
    expect(result).toMatchObject({ suites: [], complete: false });
    expect(result.problems[0]).toContain('DTD');
  });
});
