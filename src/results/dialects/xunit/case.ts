/** `test` of xUnit.net. */
import { BoundedText, cutEnd } from '../../bounded-text.ts';
import { keepBlock, keepMessage, keepName, roomForMore } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { firstLine } from '../../sanitize.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure, UNFINISHED } from '../failure.ts';
import { parseLine, parseSeconds } from '../values.ts';
import { FailureTexts, group, textInto } from '../xml-parts.ts';

const STATUS: Readonly<Record<string, TestStatus>> = {
  Pass: 'passed',
  Fail: 'failed',
  Skip: 'skipped',
  NotRun: 'skipped',
};

export function caseElement(
  attributes: Attributes,
  context: ReadContext,
  done: (testCase: TestCase) => void,
): XmlElement {
  const texts = new FailureTexts(context);
  const reason = new BoundedText(context.limits.message);
  const output = new BoundedText(context.limits.caseOutput);
  const properties: Record<string, string> = Object.create(null);
  let exception: string | undefined;
  return group(
    {
      failure: (failure) => {
        exception = failure['exception-type'];
        return texts.element();
      },
      reason: () => ({ ...textInto(reason), child: () => textInto(reason) }),
      output: () => textInto(output),
      traits: () =>
        group({
          trait: (trait) => {
            addTrait(trait, properties, context);
            return undefined;
          },
        }),
    },
    (finished) => {
      const { result = '', type } = attributes;
      const known = Object.hasOwn(STATUS, result) ? STATUS[result] : undefined;
      const status = finished ? (known ?? 'error') : 'error';
      const bad = status === 'failed' || status === 'error';
      done(
        withoutUndefined({
          name: shortName(keepName(attributes['name'], context), type),
          classname: keepName(type, context),
          file: keepName(attributes['source-file'], context),
          line: parseLine(attributes['source-line']),
          status,
          duration: parseSeconds(attributes['time'], context.problems),
          failures: bad ? [failureOf(finished, texts, exception, context)] : undefined,
          skipReason: status === 'skipped' ? keepMessage(firstLine(reason.toString()), context) : undefined,
          properties: Object.keys(properties).length > 0 ? properties : undefined,
          stdout: keepBlock(output, 'the output of a test', context),
        }),
      );
    },
  );
}

/** Display names begin with the class unless the project says otherwise. */
function shortName(name: string | undefined, type = ''): string {
  if (name === undefined) return '(no name)';
  return (name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name) || name;
}

function failureOf(
  finished: boolean,
  texts: FailureTexts,
  type: string | undefined,
  context: ReadContext,
): TestFailure {
  return finished ? keepFailure({ ...texts.parts(), type }, context) : UNFINISHED;
}

function addTrait(trait: Attributes, properties: Record<string, string>, context: ReadContext): void {
  const name = keepName(trait['name'], context);
  if (name === undefined || !roomForMore(context)) return;
  if (Object.keys(properties).length >= context.limits.properties) {
    context.problems.add(`more than ${context.limits.properties} properties; the rest was left out`);
    return;
  }
  const value = keepMessage(trait['value'], context) ?? '';
  // A trait may have several values.
  const before = properties[name];
  properties[name] = before === undefined ? value : cutEnd(`${before}, ${value}`, context.limits.message);
}
