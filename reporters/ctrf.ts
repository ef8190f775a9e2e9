/**
 * `ctrf.json`: the Common Test Report Format (ctrf-io/ctrf, draft 0.0.0). It knows one environment a document, so what tells
 * the cells apart stands in the labels of each test. Consumers have to refuse keys that they do not know.
 */
import { join } from 'node:path';
import { cutMiddle } from '../src/results/bounded-text.ts';
import type { CellResult, RunResult, TestCase, TestFailure, TestSuite } from '../src/results/model.ts';
import { cleanLine, cleanText } from '../src/results/sanitize.ts';
import { withoutUndefined } from '../src/results/without-undefined.ts';
import type { CreateReporter } from './reporter.ts';
import { writeReport } from './write-report.ts';

const SPEC_VERSION = '0.0.0';
/** Characters; results.json has more. */
const TEXT = 40_000;

export const createReporter: CreateReporter = ({ output, path = join(output, 'ctrf.json') }) => {
  let result: RunResult | undefined;
  return {
    onEvent(event) {
      if (event.type === 'run:end') result = event.result;
    },
    async finish() {
      if (result) await writeReport(path, ctrfDocument(result));
    },
  };
};

/** In pieces, one test a line. */
export function* ctrfDocument(result: RunResult): Generator<string> {
  const { run } = result;
  const head = JSON.stringify({
    reportFormat: 'CTRF',
    specVersion: SPEC_VERSION,
    runId: run.id,
    timestamp: run.finished,
    generatedBy: `vmtest ${run.host.vmtest}`,
    results: { tool: { name: 'vmtest', version: run.host.vmtest }, summary: summaryOf(result) },
  });
  yield `${head.slice(0, -2)},"tests":[`;
  let separator = '\n';
  for (const cell of result.cells) {
    for (const suite of cell.suites) {
      for (const testCase of suite.cases) {
        yield separator + JSON.stringify(testOf(cell, suite, testCase));
        separator = ',\n';
      }
    }
  }
  yield '\n]}}\n';
}

/** `error` is no word of the format: such tests count as failed, and say so in their `rawStatus`. */
function summaryOf({ run, summary: { tests }, cells }: RunResult): Record<string, number> {
  const suites = cells.flatMap((cell) => cell.suites);
  const flaky = suites.reduce((sum, { cases }) => sum + cases.filter(isFlaky).length, 0);
  return {
    tests: tests.total,
    passed: tests.passed,
    failed: tests.failed + tests.error,
    skipped: tests.skipped,
    pending: 0,
    other: 0,
    flaky,
    suites: suites.length,
    start: Date.parse(run.started),
    stop: Date.parse(run.finished),
    duration: Math.max(Date.parse(run.finished) - Date.parse(run.started), 0),
  };
}

function testOf(cell: CellResult, suite: TestSuite, testCase: TestCase): object {
  const { name, status, duration = 0, file, line, skipReason, failures = [], reruns = [] } = testCase;
  const failed = status === 'failed' || status === 'error';
  const [first = {}] = failures;
  return withoutUndefined({
    name: cleanLine(name) || '(no name)',
    status: failed ? 'failed' : status,
    rawStatus: status === 'error' ? status : undefined,
    duration: Math.round(duration),
    suite: [cell.id, suite.name, testCase.classname ?? ''].filter((part) => part !== '').map(cleanLine),
    message: clean(failed ? (first.message ?? first.text?.split('\n', 1)[0]) : skipReason),
    trace: failed ? clean(failures.map(({ text }) => text ?? '').join('\n\n')) : undefined,
    filePath: clean(file),
    line,
    flaky: isFlaky(testCase),
    retries: reruns.length,
    retryAttempts: reruns.length > 0 ? reruns.map(attemptOf) : undefined,
    stdout: linesOf(testCase.stdout),
    stderr: linesOf(testCase.stderr),
    labels: labelsOf(cell),
    attachments: failed ? attachmentsOf(cell) : undefined,
  });
}

function isFlaky({ status, reruns = [] }: TestCase): boolean {
  return status === 'passed' && reruns.length > 0;
}

function attemptOf({ message, text }: TestFailure, index: number): object {
  return withoutUndefined({
    attempt: index + 1,
    status: 'failed',
    message: clean(message),
    trace: clean(text),
  });
}

/** Fixed names win over axes of the same name: the axis is in the cell's id anyway. */
function labelsOf({ id, target, engine, snapshot, values, attempts }: CellResult): Record<string, string> {
  // `retries` knows those of tests alone, not those after an error of the engine's.
  const tried = attempts.length > 1 ? { attempts: String(attempts.length) } : {};
  return { ...values, cell: id, target, engine, snapshot, ...tried };
}

/** Relative to the output folder. */
function attachmentsOf({ files: { output, console, screen } }: CellResult): object[] | undefined {
  const found = [
    { path: output, name: 'output', contentType: 'text/plain' },
    { path: console, name: 'console', contentType: 'text/plain' },
    { path: screen, name: 'screen', contentType: 'image/png' },
  ].filter(({ path }) => path !== undefined);
  return found.length > 0 ? found : undefined;
}

function clean(text: string | undefined): string | undefined {
  return text ? cleanText(cutMiddle(text, TEXT)) : undefined;
}

function linesOf(text: string | undefined): string[] | undefined {
  return clean(text)?.replace(/\n$/, '').split('\n');
}
