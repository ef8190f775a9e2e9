/** One result of a TRX file, and the inner results of a data-driven or ordered test. */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepMessage, keepName } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { firstLine } from '../../sanitize.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure, UNFINISHED } from '../failure.ts';
import { parseClock } from '../values.ts';
import { FailureTexts, group, textInto } from '../xml-parts.ts';

/** What is neither passed nor skipped, and not `Failed`, broke (`Error`, `Timeout`, `Aborted`, `NotRunnable`, …). */
const PASSED = new Set(['Passed', 'PassedButRunAborted', 'Completed', 'Warning']);
const SKIPPED = new Set(['NotExecuted', 'Inconclusive', 'Pending']);

export interface ResultEvents {
  /** Asked before a result is read; false when there is no room for it. */
  take(): boolean;
  /** Told of each case, inner ones first. */
  done(testCase: TestCase): void;
}

/** A test with inner results is told by those; it is a case itself only when it broke and none of them did. */
export function resultElement(
  attributes: Attributes,
  context: ReadContext,
  { take, done }: ResultEvents,
): XmlElement | undefined {
  if (!take()) return undefined;
  const { limits } = context;
  const stdout = new BoundedText(limits.caseOutput);
  const stderr = new BoundedText(limits.caseOutput);
  const failure = new FailureTexts(context);
  let inner = 0;
  let innerFailing = false;
  const innerResult = (row: Attributes): XmlElement | undefined =>
    resultElement(row, context, {
      take,
      done(testCase) {
        inner += 1;
        innerFailing ||= isFailing(testCase);
        done(testCase);
      },
    });
  const output = group({
    StdOut: () => textInto(stdout),
    StdErr: () => textInto(stderr),
    ErrorInfo: () => failure.element('Message', 'StackTrace'),
  });
  return {
    child: (name) => {
      if (name === 'Output') return output;
      return name === 'InnerResults' ? { child: (_row, row) => innerResult(row) } : undefined;
    },
    close(finished) {
      const outcome = attributes['outcome'] ?? '';
      const status = finished ? statusOf(outcome) : 'error';
      const bad = isFailing({ status });
      if (inner > 0 && (!bad || innerFailing) && finished) return;
      const reason = firstLine(failure.message.toString()) || (outcome === 'NotExecuted' ? '' : outcome);
      done(
        withoutUndefined({
          name: keepName(attributes['testName'], context) ?? '(no name)',
          status,
          duration: parseClock(attributes['duration']),
          failures: bad ? failuresOf(finished, outcome, failure, context) : undefined,
          skipReason: status === 'skipped' ? keepMessage(reason, context) : undefined,
          stdout: keepBlock(stdout, 'the output of a test', context),
          stderr: keepBlock(stderr, 'the output of a test', context),
        }),
      );
    },
  };
}

export function isFailing({ status }: Pick<TestCase, 'status'>): boolean {
  return status === 'failed' || status === 'error';
}

function statusOf(outcome: string): TestStatus {
  if (PASSED.has(outcome)) return 'passed';
  if (SKIPPED.has(outcome)) return 'skipped';
  return outcome === 'Failed' ? 'failed' : 'error';
}

function failuresOf(
  finished: boolean,
  outcome: string,
  texts: FailureTexts,
  context: ReadContext,
): TestFailure[] {
  if (!finished) return [UNFINISHED];
  const type = outcome === 'Failed' ? undefined : outcome || 'no outcome';
  const failure = keepFailure({ ...texts.parts(), type }, context);
  return Object.keys(failure).length > 0 ? [failure] : [];
}
