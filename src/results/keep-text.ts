/** Guest text on its way into the model: cleaned, bounded, counted. */
import { type BoundedText, cutEnd, cutMiddle } from './bounded-text.ts';
import { detach } from './own-lines.ts';
import type { ReadContext } from './parsed-results.ts';
import { cleanLine, cleanText } from './sanitize.ts';

/** What a text may still have when the cell's total is used up: enough to know what it is about. */
const AFTER_TOTAL = 100;
/** What a kept text takes besides its characters, so that a million tiny ones count for something. */
const OVERHEAD = 50;

/** A name: one line, trimmed of nothing, for names are identities. One of which nothing is left is absent. */
export function keepName(name: string | undefined, context: ReadContext): string | undefined {
  return (name && keepLine(name, context.limits.name, 'a name', context)) || undefined;
}

/** A message, reason or value, on one line. */
export function keepMessage(message: string | undefined, context: ReadContext): string | undefined {
  return (message && keepLine(message, context.limits.message, 'a message', context)) || undefined;
}

/** Text of many lines; its own limit was given to the `BoundedText`. */
export function keepBlock(
  text: BoundedText | undefined,
  what: string,
  context: ReadContext,
): string | undefined {
  if (!text?.length) return undefined;
  if (text.cut) context.problems.add(`${what} was too long and lost its middle`);
  return detach(spend(cleanText(text.toString()), cutMiddle, context));
}

/** Whether there is room for more than the essential; says so when there is none. */
export function roomForMore({ limits, usage, problems }: ReadContext): boolean {
  if (usage.characters < limits.total) return true;
  problems.add(`details were left out, for the results hold more than ${limits.total} characters`);
  return false;
}

function keepLine(line: string, limit: number, what: string, context: ReadContext): string {
  if (line.length > limit) context.problems.add(`${what} was longer than ${limit} characters and was cut`);
  // Bounded before it is cleaned: a name of many megabytes is not worth a pass.
  return context.lines.own(spend(cleanLine(cutEnd(line, limit)), cutEnd, context));
}

function spend(text: string, cut: (text: string, limit: number) => string, context: ReadContext): string {
  const { limits, usage, problems } = context;
  const left = Math.max(limits.total - usage.characters, AFTER_TOTAL);
  const kept = text.length > left ? cut(text, left) : text;
  if (kept !== text)
    problems.add(`a text was cut, for the results hold more than ${limits.total} characters`);
  usage.characters += kept.length + OVERHEAD;
  return kept;
}
