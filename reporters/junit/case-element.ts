/** One test as an element, with everything in the order of Surefire's schema. */
import { cutMiddle } from '../../src/results/bounded-text.ts';
import type { CellResult, TestCase, TestFailure, TestSuite } from '../../src/results/model.ts';
import { closeTag, element, openTag, type XmlAttributes } from '../xml-writer.ts';
import { shownNames } from './names.ts';
import { disarm, type OutputOptions, outputElements } from './outputs.ts';
import { propertiesElement } from './properties.ts';
import type { JUnitSettings } from './settings.ts';

export type CaseOptions = JUnitSettings & OutputOptions;

/** Viewers show so much and no more; the rest is in the files that a failing case names. Characters. */
const DETAILS = 40_000;

export function caseElement(
  cell: CellResult,
  suite: TestSuite,
  testCase: TestCase,
  options: CaseOptions,
): string {
  const { strict = false } = options;
  const failed = testCase.status === 'failed' || testCase.status === 'error';
  const children = [
    strict ? '' : propertiesElement('      ', testCase.properties ?? {}),
    ...outcomeElements(testCase).map((line) => `      ${line}\n`),
    outputElements('      ', testCase, cell, { isFull: failed, withFiles: failed }, options),
  ].join('');
  const { name, classname } = namesOf(cell, suite, testCase, options);
  const attributes: XmlAttributes = {
    name,
    classname,
    file: strict ? undefined : testCase.file,
    line: strict ? undefined : testCase.line,
    time: seconds(testCase.duration ?? 0),
  };
  if (children === '') return `    ${element('testcase', attributes)}\n`;
  return `    ${openTag('testcase', attributes)}\n${children}    ${closeTag('testcase')}\n`;
}

function namesOf(
  { slug }: CellResult,
  suite: TestSuite,
  testCase: TestCase,
  { label = 'both' }: CaseOptions,
): { name: string; classname: string } {
  const { name, classname } = shownNames(suite, testCase);
  return {
    name: label === 'name' ? `[${slug}] ${name}` : name,
    // Jenkins takes what precedes the last dot for the package: no slug holds one.
    classname: label === 'both' || label === 'classname' ? `${slug}.${classname}` : classname,
  };
}

/**
 * Never two results in one case: viewers disagree on which one counts. Retries follow Surefire: `flakyFailure` in a case
 * that passed in the end, `rerunFailure` beside the failure of one that did not.
 */
function outcomeElements({ status, failures = [], reruns = [], skipReason }: TestCase): string[] {
  if (status === 'skipped') return [element('skipped', { message: skipReason })];
  if (status === 'passed') return reruns.map((rerun) => rerunElement('flakyFailure', rerun));
  const earlier = reruns.map((rerun) => rerunElement('rerunFailure', rerun));
  if (status === 'failed') return [failureElement('failure', failures), ...earlier];
  return [...earlier, failureElement('error', failures)];
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
  return disarm(text.includes(message) ? text : [message, text].filter(Boolean).join('\n'));
}

/** Plain decimal seconds with three places, which every reader understands. */
export function seconds(ms: number): string {
  return (Math.max(ms, 0) / 1000).toFixed(3);
}
