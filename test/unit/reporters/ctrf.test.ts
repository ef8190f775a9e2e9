import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CTRFReport, validateStrict } from 'ctrf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReporter, ctrfDocument } from '../../../reporters/ctrf.ts';
import type { RunResult, TestCase } from '../../../src/results/model.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { nastyText } from './nasty-text.ts';
import { play } from './print.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  runStory,
  suite,
  tested,
} from './script.ts';

/** What the file says, after the format's own schema has accepted it, unknown keys refused. */
function written(result: RunResult): CTRFReport {
  const report = JSON.parse([...ctrfDocument(result)].join(''));
  validateStrict(report);
  return report;
}

const { result, events } = runStory([
  cellStory(
    cellInfo('debian-12/node=22'),
    [
      tested(1, [
        suite(
          'math',
          passing('adds', { file: 'math.js', line: 3, duration: 12.6, stdout: 'one\ntwo\n' }),
          failing('subtracts', 'expected 1', {
            classname: 'Math',
            reruns: [{ message: 'earlier', text: 'at x' }],
          }),
          { name: 'divides', status: 'skipped', skipReason: 'no zero' },
          passing('rounds', { reruns: [{ message: 'once' }, {}] }),
        ),
      ]),
    ],
    { files: { output: 'cells/a/output.log', screen: 'cells/a/screen.png' } },
  ),
  cellStory(cellInfo('win11', 1), [broken(1, 'boot', { code: 'NO_BOOT', message: 'no' })]),
  idleCell(cellInfo('mac', 2), { outcome: 'cancelled', reason: 'fail-fast' }),
]);

describe('ctrf.json', () => {
  const { results, ...head } = written(result);

  test('names the run', () => {
    expect(head).toEqual({
      reportFormat: 'CTRF',
      specVersion: '0.0.0',
      runId: result.run.id,
      timestamp: result.run.finished,
      generatedBy: 'vmtest 0.1.0',
    });
    expect(results.tool).toEqual({ name: 'vmtest', version: '0.1.0' });
  });

  test('counts what the run counts; what broke counts as failed', () => {
    expect(results.summary).toEqual({
      tests: 6,
      passed: 2,
      failed: 2,
      skipped: 2,
      pending: 0,
      other: 0,
      flaky: 1,
      suites: 3,
      start: Date.parse(result.run.started),
      stop: Date.parse(result.run.finished),
      duration: 134_000,
    });
    const { tests } = result.summary;
    expect([tests.total, tests.failed + tests.error, tests.skipped]).toEqual([6, 2, 2]);
  });

  test('has each test with its cell as labels', () => {
    const [adds, subtracts, divides, rounds, boot, cancelled] = results.tests;
    expect(adds).toEqual({
      name: 'adds',
      status: 'passed',
      duration: 13,
      suite: ['debian-12/node=22', 'math'],
      filePath: 'math.js',
      line: 3,
      flaky: false,
      retries: 0,
      stdout: ['one', 'two'],
      labels: {
        node: '22',
        cell: 'debian-12/node=22',
        target: 'debian-12',
        engine: 'qemu',
        snapshot: 'clean',
      },
    });
    expect(subtracts).toMatchObject({
      status: 'failed',
      suite: ['debian-12/node=22', 'math', 'Math'],
      message: 'expected 1',
      trace: 'expected 1\n    at test.js:3:1',
      retries: 1,
      retryAttempts: [{ attempt: 1, status: 'failed', message: 'earlier', trace: 'at x' }],
      attachments: [
        { name: 'output', contentType: 'text/plain', path: 'cells/a/output.log' },
        { name: 'screen', contentType: 'image/png', path: 'cells/a/screen.png' },
      ],
    });
    expect(divides).toMatchObject({ status: 'skipped', message: 'no zero' });
    expect(rounds).toMatchObject({ status: 'passed', flaky: true, retries: 2 });
    expect(boot).toMatchObject({ status: 'failed', rawStatus: 'error', message: 'NO_BOOT: no' });
    expect(cancelled).toMatchObject({ status: 'skipped', message: 'cancelled: fail-fast' });
  });

  test('fits the schema whatever the guest wrote', () => {
    const failures = fc.array(fc.record({ message: nastyText, text: nastyText }, { requiredKeys: [] }), {
      maxLength: 2,
    });
    const testCase: fc.Arbitrary<TestCase> = fc.record(
      {
        name: nastyText,
        status: fc.constantFrom<TestCase['status']>('passed', 'failed', 'error', 'skipped'),
        classname: nastyText,
        file: nastyText,
        failures,
        reruns: failures,
        stdout: nastyText,
      },
      { requiredKeys: ['name', 'status'] },
    );
    fc.assert(
      fc.property(nastyText, fc.array(testCase, { minLength: 1, maxLength: 3 }), (name, cases) => {
        const story = runStory([cellStory(cellInfo('a'), [tested(1, [suite(name, ...cases)])])]);
        const { tests, summary } = written(story.result).results;
        expect(tests).toHaveLength(story.result.summary.tests.total);
        expect(tests.filter(({ status }) => status === 'failed')).toHaveLength(summary.failed);
        expect(JSON.stringify(tests)).not.toMatch(/\\u001b|\\u0000/);
      }),
      { numRuns: 60 },
    );
  });

  test('is written without a byte order mark, to its place', async () => {
    const output = await scratchFolder();
    await play(createReporter, events, { output });
    const bytes = await readFile(join(output, 'ctrf.json'));
    expect(bytes[0]).toBe('{'.charCodeAt(0));
    expect(JSON.parse(bytes.toString('utf8'))).toEqual(written(result));
    expect(bytes.toString('utf8').trimEnd().split('\n')).toHaveLength(8);
  });

  test('of a run without cells is whole', () => {
    expect(written(runStory([]).result).results.tests).toEqual([]);
  });
});
