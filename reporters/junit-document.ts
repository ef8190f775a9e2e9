/**
 * Results as JUnit XML, for the viewers of CI systems. They differ in what tells two tests apart (suite, class or both),
 * so the cell stands in both; they differ in whether they read nested suites, so there are none; several crash on a
 * missing name, so there is always one.
 */
import { cutMiddle } from '../src/results/bounded-text.ts';
import { countTests } from '../src/results/counts.ts';
import type { CellFiles, CellResult, TestCase, TestFailure, TestSuite } from '../src/results/model.ts';
import { errorSuite, notRunSuite } from '../src/results/pseudo-suites.ts';
import { cleanText } from '../src/results/sanitize.ts';
import { closeTag, element, openTag, XML_DECLARATION, type XmlAttributes } from './xml-writer.ts';

export interface JUnitOptions {
  /** Wall time of everything, in milliseconds. */
  duration: number;
  /** Where a viewer finds a file of the output folder: relative to the project, which is what they resolve against. */
  attachment(file: string): string;
}

/** Viewers show so much and no more; the rest is in the files that a failing case names. Characters. */
const OUTPUT_OF_PASSED = 2_000;
const OUTPUT_OF_FAILED = 40_000;
const DETAILS = 40_000;

/** The document in pieces, in the order of the cells. */
export function* junitDocument(cells: readonly CellResult[], options: JUnitOptions): Generator<string> {
  const counts = countTests(cells.flatMap((cell) => suitesOf(cell)));
  yield XML_DECLARATION;
  yield `${openTag('testsuites', {
    name: 'vmtest',
    tests: counts.total,
    failures: counts.failed,
    errors: counts.error,
    time: seconds(options.duration),
  })}\n`;
  let id = 0;
  for (const cell of cells) {
    for (const suite of suitesOf(cell)) {
      yield* suitePieces(cell, suite, id, options);
      id += 1;
    }
  }
  yield `${closeTag('testsuites')}\n`;
}

/** A cell that nobody gave a case (a result made by another program) still appears. */
function suitesOf(cell: CellResult): readonly TestSuite[] {
  if (cell.suites.some(({ cases }) => cases.length > 0)) return cell.suites;
  const { error, phase = 'run', outcome } = cell;
  return [...cell.suites, error ? errorSuite(phase, error) : notRunSuite(`${outcome}, without any test`)];
}

function* suitePieces(
  cell: CellResult,
  suite: TestSuite,
  id: number,
  options: JUnitOptions,
): Generator<string> {
  const counts = countTests([suite]);
  yield `  ${openTag('testsuite', {
    name: shown(suite.name) ? `${cell.slug}/${suite.name}` : cell.slug,
    tests: counts.total,
    failures: counts.failed,
    errors: counts.error,
    skipped: counts.skipped,
    time: seconds(suite.duration ?? sumDurations(suite)),
    timestamp: suite.timestamp ?? cell.attempts.at(-1)?.started,
    hostname: cell.slug,
    id,
    file: suite.file,
  })}\n`;
  yield properties('    ', suiteProperties(cell, suite));
  for (const testCase of suite.cases) yield casePieces(cell, suite, testCase, options);
  yield outputs('    ', suite, OUTPUT_OF_FAILED);
  yield `  ${closeTag('testsuite')}\n`;
}

/** Fixed names win over axes of the same name: the axis is in the cell's id anyway. */
function suiteProperties(cell: CellResult, suite: TestSuite): Record<string, string> {
  const axes = Object.entries(cell.values).map(([axis, value]) => [`vmtest.${axis}`, value]);
  return {
    ...suite.properties,
    ...Object.fromEntries(axes),
    'vmtest.cell': cell.id,
    'vmtest.target': cell.target,
    'vmtest.engine': cell.engine,
    'vmtest.snapshot': cell.snapshot,
    'vmtest.outcome': cell.outcome,
    ...(cell.attempts.length > 1 ? { 'vmtest.attempts': String(cell.attempts.length) } : {}),
    ...(cell.allowedToFail ? { 'vmtest.allowed-to-fail': 'true' } : {}),
  };
}

function casePieces(cell: CellResult, suite: TestSuite, testCase: TestCase, options: JUnitOptions): string {
  const children = [
    properties('      ', testCase.properties ?? {}),
    ...outcomeElements(testCase).map((line) => `      ${line}\n`),
    caseOutputs(cell, testCase, options),
  ].join('');
  const attributes: XmlAttributes = {
    name: shown(testCase.name) ?? '(no name)',
    classname: `${cell.slug}.${shown(testCase.classname) ?? shown(suite.name) ?? 'tests'}`,
    file: testCase.file,
    line: testCase.line,
    time: seconds(testCase.duration ?? 0),
  };
  if (children === '') return `    ${element('testcase', attributes)}\n`;
  return `    ${openTag('testcase', attributes)}\n${children}    ${closeTag('testcase')}\n`;
}

/** The name as it will be read; undefined when nothing of it is left. */
function shown(name: string | undefined): string | undefined {
  return (name && cleanText(name)) || undefined;
}

/**
 * Never two results in one case: viewers disagree on which one counts. Retries follow Surefire: `flakyFailure` in a case
 * that passed in the end, `rerunFailure` beside the failure of one that did not.
 */
function outcomeElements({ status, failures = [], reruns = [], skipReason }: TestCase): string[] {
  if (status === 'skipped') return [element('skipped', { message: skipReason })];
  if (status === 'passed') return reruns.map((rerun) => rerunElement('flakyFailure', rerun));
  const result = failureElement(status === 'failed' ? 'failure' : 'error', failures);
  return [result, ...reruns.map((rerun) => rerunElement('rerunFailure', rerun))];
}

/** Several failures of one case are told in one element. Some viewers show only the text, so it has the message too. */
function failureElement(name: string, failures: readonly TestFailure[]): string {
  const [first = {}] = failures;
  const { message = first.text?.split('\n', 1)[0] ?? 'no message', type = name } = first;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  const text = failures.map(fullText).join('\n\n');
  return element(name, { message: message + more, type }, cutMiddle(text, DETAILS));
}

function rerunElement(name: string, failure: TestFailure): string {
  const { message = '', type = 'failure' } = failure;
  const trace = element('stackTrace', {}, cutMiddle(fullText(failure), DETAILS));
  return openTag(name, { message, type }) + trace + closeTag(name);
}

function fullText({ message = '', text = '' }: TestFailure): string {
  return text.includes(message) ? text : [message, text].filter(Boolean).join('\n');
}

function caseOutputs(cell: CellResult, testCase: TestCase, options: JUnitOptions): string {
  const failed = testCase.status === 'failed' || testCase.status === 'error';
  const limit = failed ? OUTPUT_OF_FAILED : OUTPUT_OF_PASSED;
  return outputs('      ', testCase, limit, failed ? attachments(cell.files, options) : '');
}

/** At most one element a stream: readers in the wild take the first or the last of several. */
function outputs(
  indent: string,
  { stdout = '', stderr = '' }: Pick<TestCase, 'stdout' | 'stderr'>,
  limit: number,
  appendix = '',
): string {
  const shown = disarm(cutMiddle(stdout, limit));
  const gap = shown !== '' && appendix !== '' && !shown.endsWith('\n') ? '\n' : '';
  const out = shown + gap + appendix;
  const err = disarm(cutMiddle(stderr, limit));
  return [
    out === '' ? '' : `${indent}${element('system-out', {}, out)}\n`,
    err === '' ? '' : `${indent}${element('system-err', {}, err)}\n`,
  ].join('');
}

const ATTACHMENT = '[[ATTACHMENT|';

/** Jenkins (with its plugin), GitLab, Azure and Gradle take such lines for files to show with the test. */
function attachments({ output, console, screen }: CellFiles, options: JUnitOptions): string {
  return [output, console, screen]
    .filter((file) => file !== undefined)
    .map((file) => `${ATTACHMENT}${options.attachment(file)}]]\n`)
    .join('');
}

/** The same line written by a guest would make Jenkins publish a file of the CI host that the guest chose. */
function disarm(output: string): string {
  return output.replaceAll(ATTACHMENT, '[ [ATTACHMENT|');
}

function properties(indent: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `${indent}  ${element('property', { name, value })}\n`,
  );
  return lines.length === 0 ? '' : `${indent}<properties>\n${lines.join('')}${indent}</properties>\n`;
}

function sumDurations({ cases }: TestSuite): number {
  return cases.reduce((sum, { duration = 0 }) => sum + duration, 0);
}

/** Plain decimal seconds with three places, which every reader understands. */
function seconds(ms: number): string {
  return (Math.max(ms, 0) / 1000).toFixed(3);
}
