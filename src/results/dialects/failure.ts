/** A failure from the parts that every dialect has in some form: message, type, details. */
import { BoundedText } from '../bounded-text.ts';
import { keepBlock, keepMessage, keepName } from '../keep-text.ts';
import type { TestFailure } from '../model.ts';
import { INCOMPLETE_TYPE, type ReadContext } from '../parsed-results.ts';
import { firstLine } from '../sanitize.ts';
import { withoutUndefined } from '../without-undefined.ts';

const WHAT = 'the details of a failure';

export interface FailureParts {
  message?: string | undefined;
  type?: string | undefined;
  details?: BoundedText | undefined;
}

export function keepFailure(parts: FailureParts, context: ReadContext): TestFailure {
  const block = parts.details && keepBlock(parts.details, WHAT, context);
  const details = block?.trimEnd().replace(/^\s*\n/, '') || undefined;
  const message = parts.message?.slice(0, context.limits.details);
  const short = firstLine(message ?? '') || firstLine(details ?? '');
  return withoutUndefined({
    message: keepMessage(short, context),
    type: keepName(parts.type, context),
    text: withWholeMessage(message, details, context),
  });
}

/** A message of several lines (pytest, Jest) goes before the details, unless they repeat it. */
function withWholeMessage(
  message: string | undefined,
  details: string | undefined,
  context: ReadContext,
): string | undefined {
  const lines = message?.trim().split(/\r\n|[\r\n]/) ?? [];
  if (lines.length < 2 || details?.includes(lines.at(-1) ?? '')) return details;
  const whole = new BoundedText(context.limits.details);
  whole.append(lines.join('\n'));
  if (details !== undefined) whole.append(`\n\n${details}`);
  return keepBlock(whole, WHAT, context);
}

/** Of a test that a file leaves without an end. */
export const UNFINISHED: Readonly<TestFailure> = {
  type: INCOMPLETE_TYPE,
  message: 'the result file ends before the end of this test',
};
