/** The tests of one cell, those that did not pass first. */
import type { CellResult, TestCase, TestFailure, TestSuite } from '../../src/results/model.ts';
import { isErrorCase } from '../../src/results/pseudo-suites.ts';
import { recentInWords } from '../text/recent-runs.ts';
import { LIMITS } from './limits.ts';
import type { CaseDetail, FailureDetail, SuiteDetail } from './page-data.ts';
import { shownLine, shownText } from './shown-text.ts';

export interface CellTests {
  suites: SuiteDetail[];
  leftOut: number;
}

export function cellTests({ suites, error }: CellResult): CellTests {
  const room: Record<'failures' | 'passes' | 'texts', number> = {
    failures: LIMITS.failures,
    passes: LIMITS.passes,
    texts: LIMITS.textsPerCell,
  };
  let leftOut = 0;
  const shown = suites.map((suite) => {
    const cases = suite.cases.filter((testCase) => {
      // The error stands above the tests.
      if (error && isErrorCase(testCase)) return false;
      const kind = isGood(testCase) ? 'passes' : 'failures';
      room[kind] -= 1;
      if (room[kind] < 0) leftOut += 1;
      return room[kind] >= 0;
    });
    return suiteDetail(suite, cases, () => {
      room.texts -= 1;
      return room.texts >= 0;
    });
  });
  return { suites: shown.filter(({ cases }) => cases.length > 0), leftOut };
}

export function failureDetail(
  { message = '', type = '', text = '' }: TestFailure,
  whole: boolean,
): FailureDetail {
  return {
    message: shownLine(message, LIMITS.message),
    type: shownLine(type, LIMITS.name),
    text: whole ? shownText(text, LIMITS.failureText) : '',
  };
}

function isGood({ status, reruns }: TestCase): boolean {
  return (status === 'passed' && !reruns?.length) || status === 'skipped';
}

function suiteDetail({ name }: TestSuite, cases: readonly TestCase[], takeText: () => boolean): SuiteDetail {
  return {
    name: shownLine(name, LIMITS.name),
    cases: cases.map((testCase) => caseDetail(testCase, hasText(testCase) && takeText())),
  };
}

function hasText(testCase: TestCase): boolean {
  return !isGood(testCase) || Boolean(testCase.stdout || testCase.stderr);
}

function caseDetail(testCase: TestCase, whole: boolean): CaseDetail {
  const { name, classname, file, line, status, duration, skipReason, failures = [], reruns = [] } = testCase;
  const recent = recentInWords(testCase.recent);
  const { stdout = '', stderr = '' } = whole ? testCase : {};
  return {
    name: shownLine(name, LIMITS.name) || '(no name)',
    status,
    ...(classname ? { classname: shownLine(classname, LIMITS.name) } : {}),
    ...(file ? { place: shownLine(line === undefined ? file : `${file}:${line}`, LIMITS.name) } : {}),
    ...(duration === undefined ? {} : { duration }),
    ...(skipReason ? { reason: shownLine(skipReason, LIMITS.message) } : {}),
    ...(recent === '' ? {} : { recent }),
    ...(failures.length > 0 ? { failures: failures.map((one) => failureDetail(one, whole)) } : {}),
    ...(reruns.length > 0 ? { reruns: reruns.map((one) => failureDetail(one, whole)) } : {}),
    ...(stdout === '' ? {} : { stdout: shownText(stdout, LIMITS.caseOutput) }),
    ...(stderr === '' ? {} : { stderr: shownText(stderr, LIMITS.caseOutput) }),
  };
}
