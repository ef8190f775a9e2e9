/** One `<testcase>` and what may stand inside. */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepMessage, keepName, roomForMore } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { firstLine } from '../../sanitize.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure, UNFINISHED } from '../failure.ts';
import { parseLine, parseSeconds } from '../values.ts';
import { propertiesElement } from './properties.ts';

/** A case without a child that says so is skipped when its attributes do (GoogleTest, CTest, Eclipse, C++ loggers). */
const SKIPPED_WORDS = /^(?:notrun|disabled|ignored|skipped|suppressed)$/i;
/** And failed when they do: nothing that calls itself failed may pass for want of a child. */
const FAILED_WORDS = /^(?:fail|failed|failure)$/i;
const ERROR_WORDS = /^(?:error|errored|incomplete)$/i;

const RERUNS = new Set(['rerunFailure', 'rerunError', 'flakyFailure', 'flakyError']);

/** @param done Told of the case at its end tag, or where the file ends without one. */
export function caseElement(
  attributes: Attributes,
  context: ReadContext,
  done: (testCase: TestCase) => void,
): XmlElement {
  const failures: TestFailure[] = [];
  const reruns: TestFailure[] = [];
  const stdout = new BoundedText(context.limits.caseOutput);
  const stderr = new BoundedText(context.limits.caseOutput);
  const properties: Record<string, string> = Object.create(null);
  let failed = false;
  let skipped: Skipped | undefined;

  const addTo = (list: TestFailure[]) => (failure: TestFailure) => {
    if (list.length >= context.limits.failures) {
      context.problems.add(`a test has more than ${context.limits.failures} failures; the rest was left out`);
    } else if (list.length === 0 || roomForMore(context)) {
      list.push(failure);
    }
  };

  return {
    child(name, childAttributes) {
      if (name === 'failure') failed = true;
      if (name === 'failure' || name === 'error') {
        return failureElement(childAttributes, context, addTo(failures));
      }
      if (RERUNS.has(name)) return failureElement(childAttributes, context, addTo(reruns));
      if (name === 'skipped') return skippedElement(childAttributes, context, (found) => (skipped = found));
      if (name === 'system-out') return outputElement(stdout);
      if (name === 'system-err') return outputElement(stderr);
      if (name === 'properties') return propertiesElement(properties, context);
      return undefined;
    },
    close(finished) {
      if (!finished) failures.push(UNFINISHED);
      const status = statusOf({ finished, failed, failures, skipped, attributes });
      done(
        withoutUndefined({
          name: keepName(attributes['name'], context) ?? '(no name)',
          classname: keepName(attributes['classname'] ?? attributes['class'], context),
          file: keepName(attributes['file'] ?? attributes['filepath'], context),
          line: parseLine(attributes['line']),
          status,
          duration: parseSeconds(attributes['time'], context.problems),
          failures: failures.length > 0 && status !== 'skipped' ? failures : undefined,
          skipReason: status === 'skipped' ? skipped?.reason : undefined,
          reruns: reruns.length > 0 ? reruns : undefined,
          properties: Object.keys(properties).length > 0 ? properties : undefined,
          stdout: keepBlock(stdout, 'the output of a test', context),
          stderr: keepBlock(stderr, 'the output of a test', context),
        }),
      );
    },
  };
}

/** `<failure>`, `<error>` and the four rerun elements, whose details are in `<stackTrace>` and output elements. */
export function failureElement(
  attributes: Attributes,
  context: ReadContext,
  done: (failure: TestFailure) => void,
): XmlElement {
  const text = new BoundedText(context.limits.details);
  return {
    text: (piece) => text.append(piece),
    child: (name) => {
      if (name !== 'system-out' && name !== 'system-err') return undefined;
      if (text.length > 0) text.append(`\n--- ${name} ---\n`);
      return outputElement(text);
    },
    close: () =>
      done(keepFailure({ message: attributes['message'], type: attributes['type'], details: text }, context)),
  };
}

export function outputElement(text: BoundedText): XmlElement {
  return {
    text: (piece) => text.append(piece),
    // pytest writes several of them; each begins on a line of its own.
    close: () => {
      if (text.length > 0) text.append('\n');
    },
  };
}

interface Skipped {
  reason?: string;
  /** node:test says so of a test that may fail, and fails no run for it. */
  todo: boolean;
}

function skippedElement(
  attributes: Attributes,
  context: ReadContext,
  done: (skipped: Skipped) => void,
): XmlElement {
  const text = new BoundedText(context.limits.message);
  return {
    text: (piece) => text.append(piece),
    close() {
      const said = firstLine(attributes['message'] ?? '') || firstLine(text.toString()) || attributes['type'];
      const reason = keepMessage(said, context);
      const todo = attributes['type'] === 'todo';
      done(reason === undefined ? { todo } : { todo, reason });
    },
  };
}

/** A failure is never hidden by a skip (but for a to-do) or a status word beside it, though some viewers read it so. */
function statusOf(found: {
  finished: boolean;
  failed: boolean;
  failures: readonly TestFailure[];
  skipped: Skipped | undefined;
  attributes: Attributes;
}): TestStatus {
  if (!found.finished) return 'error';
  if (found.skipped?.todo) return 'skipped';
  if (found.failed) return 'failed';
  if (found.failures.length > 0) return 'error';
  const { status = '', result = '', ignored = '', incomplete = '' } = found.attributes;
  const words = [
    status,
    result,
    ignored === 'true' ? 'ignored' : '',
    incomplete === 'true' ? 'incomplete' : '',
  ];
  if (words.some((word) => FAILED_WORDS.test(word))) return 'failed';
  if (words.some((word) => ERROR_WORDS.test(word))) return 'error';
  return found.skipped || words.some((word) => SKIPPED_WORDS.test(word)) ? 'skipped' : 'passed';
}
