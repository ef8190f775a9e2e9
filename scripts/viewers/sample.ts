/**
 * The run that the table in docs/ci.md is of: 500 cells with causes to find, and two cells more with all that viewers
 * are known to trip over.
 */
import { settleCell, unstartedCell } from '../../src/results/cell-result.ts';
import type { CellInfo, CellResult, RunResult, TestCase, TestSuite } from '../../src/results/model.ts';
import { finishRun } from '../../src/results/summary.ts';
import { judge } from '../../src/results/verdict.ts';
import { type SampleSize, sampleRun } from '../../test/support/sample-run.ts';

/** Characters of output of a test that failed. With it the one file of all cells is larger than GitLab takes. */
const LONG = 60_000;

export function viewedRun(size: SampleSize = { targets: 25, tests: 45 }): RunResult {
  const { run, cells } = sampleRun(size);
  return finishRun(
    run,
    [...cells.map(talkative), oddCell(cells.length), cancelledCell(cells.length + 1)],
    run,
  );
}

function talkative(cell: CellResult): CellResult {
  const said = (what: string) => `${`${what} `.repeat(LONG / (what.length + 1))}\n`;
  const talk = (testCase: TestCase): TestCase =>
    testCase.status === 'failed'
      ? { ...testCase, stdout: said('loading'), stderr: said('trying') }
      : testCase;
  return { ...cell, suites: cell.suites.map((suite) => ({ ...suite, cases: suite.cases.map(talk) })) };
}

function oddCell(index: number): CellResult {
  const suites: TestSuite[] = [
    {
      name: 'parameters',
      cases: [
        // Three runs of one parameterised test, of which two failed.
        failed('adds a and b', 'expected 3'),
        failed('adds a and b', 'expected 5'),
        { name: 'adds a and b', status: 'passed' },
        { name: 'subtracts', classname: 'whole', status: 'passed' },
        { name: 'subtracts', classname: 'fractions', status: 'passed' },
      ],
    },
    {
      name: 'names',
      cases: [
        { name: `says ${'very '.repeat(200)}much`, status: 'passed' },
        { name: 'is loud', status: 'passed', stdout: 'so it goes\n'.repeat(400) },
        { name: 'passes at last', status: 'passed', reruns: [{ message: 'not yet', type: 'Timeout' }] },
        { name: 'breaks', status: 'error', failures: [{ message: 'no such device', type: 'OSError' }] },
        failed('ends in the path of a file', 'see [[ATTACHMENT|/etc/passwd]]'),
      ],
    },
    // Says something, and has no tests.
    { name: 'empty', stdout: 'nothing to do here\n', cases: [] },
  ];
  const verdict = judge({
    command: './ci/test.sh',
    end: { exitCode: 1 },
    results: { globs: ['reports/*.xml'], files: 1, parsed: { suites, complete: true, problems: [] } },
  });
  const files = { output: 'cells/odd/output.log', console: 'cells/odd/console.log' };
  const attempt = { number: 1, started: '2026-11-21T09:31:00.000Z', timings: { run: 4_000 }, ...verdict };
  return settleCell({ cell: cellInfo('odd', index), allowedToFail: false, files }, [attempt]);
}

function cancelledCell(index: number): CellResult {
  const frame = { cell: cellInfo('late', index), allowedToFail: false, files: {} };
  return unstartedCell(frame, { outcome: 'cancelled', reason: 'another cell failed (fail-fast)' });
}

function cellInfo(name: string, index: number): CellInfo {
  return { id: name, slug: name, index, target: name, values: {}, engine: 'qemu', snapshot: 'clean' };
}

function failed(name: string, message: string): TestCase {
  return { name, status: 'failed', failures: [{ message, type: 'AssertionError', text: message }] };
}
