/** `test-case` of NUnit 3. */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepMessage, keepName } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { firstLine } from '../../sanitize.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure, UNFINISHED } from '../failure.ts';
import { parseSeconds } from '../values.ts';
import { FailureTexts, group, textInto } from '../xml-parts.ts';

/** A warning does not fail a run of NUnit; what is inconclusive was not tested. */
const STATUS: Readonly<Record<string, TestStatus>> = {
  Passed: 'passed',
  Warning: 'passed',
  Skipped: 'skipped',
  Inconclusive: 'skipped',
  Failed: 'failed',
};

export function caseElement(
  attributes: Attributes,
  context: ReadContext,
  done: (testCase: TestCase) => void,
): XmlElement {
  const failure = new FailureTexts(context);
  const reason = new BoundedText(context.limits.message);
  const output = new BoundedText(context.limits.caseOutput);
  return group(
    {
      failure: () => failure.element(),
      reason: () => group({ message: () => textInto(reason) }),
      output: () => textInto(output),
    },
    (finished) => {
      const { result = '', label, site } = attributes;
      const status = statusOf(attributes, finished);
      const bad = status === 'failed' || status === 'error';
      const said = firstLine(reason.toString()) || (result === 'Skipped' ? label : result);
      done(
        withoutUndefined({
          name: keepName(attributes['name'], context) ?? '(no name)',
          classname: keepName(attributes['classname'], context),
          status,
          duration: parseSeconds(attributes['duration'] ?? attributes['time'], context.problems),
          failures: bad ? failuresOf(finished, failure, label ?? site, context) : undefined,
          skipReason: status === 'skipped' ? keepMessage(said, context) : undefined,
          stdout: keepBlock(output, 'the output of a test', context),
        }),
      );
    },
  );
}

/** `label` tells errors (an unexpected exception, `Invalid`, `Cancelled`) from failed assertions. */
function statusOf({ result = '', label }: Attributes, finished: boolean): TestStatus {
  const status = finished && Object.hasOwn(STATUS, result) ? (STATUS[result] ?? 'error') : 'error';
  return status === 'failed' && label !== undefined ? 'error' : status;
}

function failuresOf(
  finished: boolean,
  texts: FailureTexts,
  type: string | undefined,
  context: ReadContext,
): TestFailure[] {
  if (!finished) return [UNFINISHED];
  return [keepFailure({ ...texts.parts(), type }, context)];
}
