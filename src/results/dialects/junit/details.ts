/** The elements inside a case (and a suite) that hold text: failures, outputs, the reason of a skip. */
import { BoundedText } from '../../bounded-text.ts';
import { keepMessage } from '../../keep-text.ts';
import type { TestFailure } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { firstLine } from '../../sanitize.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure } from '../failure.ts';

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

export interface Skipped {
  reason?: string;
  /** node:test says so of a test that may fail, and fails no run for it. */
  todo: boolean;
}

export function skippedElement(
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
