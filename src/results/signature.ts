/** What is left of a message when all that differs from machine to machine, and from run to run, is taken out. */
import { firstLine } from './sanitize.ts';

/** Longer messages are alike when this much of them is (characters). */
const LENGTH = 400;

/** The order matters: what a later one would tear apart comes first. */
const VOLATILE: readonly (readonly [pattern: RegExp, standIn: string])[] = [
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '‹uuid›'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '‹time›'],
  [/(?:\/private)?\/(?:tmp|var\/folders|var\/tmp)\/[^\s'":,;)\]]+/g, '‹temp›'],
  [/[A-Za-z]:\\(?:[^\s'":,;)\]\\]+\\)*Temp\\[^\s'":,;)\]]+/gi, '‹temp›'],
  [/\b0x[0-9a-f]+\b/gi, '#'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b/gi, '‹hash›'],
  [/\d+/g, '#'],
  [/\s+/g, ' '],
];

/** Two messages with the same signature are taken to tell the same thing. */
export function signatureOf(message: string): string {
  return VOLATILE.reduce(
    (text, [pattern, standIn]) => text.replace(pattern, standIn),
    firstLine(message.slice(0, 4 * LENGTH)).slice(0, LENGTH),
  );
}
