/** How wide text is on a screen, and how to make it fit: by columns, not by characters. */
import stringWidth from 'string-width';
import { cleanLine } from '../../src/results/sanitize.ts';
import type { Line } from './line.ts';

const TAB = '    ';
/** Characters that turn the direction of what follows: a name with one could rewrite the line it stands in. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const PLAIN_ASCII = /^[ -~]*$/;

/** Text as a screen shows it: cleaned, tabs as blanks, nothing that moves what stands beside it. */
export function screenText(text: string): string {
  if (PLAIN_ASCII.test(text)) return text;
  return cleanLine(text).replaceAll('\t', TAB).replace(BIDI_CONTROLS, '');
}

/** Columns that the text takes. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** At most so many columns; what is cut off is told by `ellipsis`. */
export function cutToWidth(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(ellipsis);
  if (room < 0) return '';
  return startOf(text, room) + ellipsis;
}

/** Cut in the middle: names of cells differ at both ends. */
export function cutMiddle(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(ellipsis);
  if (room < 2) return cutToWidth(text, width, ellipsis);
  const end = endOf(text, Math.floor(room / 2));
  return startOf(text, room - displayWidth(end)) + ellipsis + end;
}

/** With blanks behind it, at least so many columns. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** A line at most so many columns wide, in screen text; colours stay where they were. */
export function fitLine(line: Line, width: number, ellipsis = '…'): Line {
  const parts = (typeof line === 'string' ? [line] : line).map((part) =>
    typeof part === 'string' ? screenText(part) : { ...part, text: screenText(part.text) },
  );
  const total = parts.reduce((sum, part) => sum + displayWidth(textOf(part)), 0);
  if (total <= width) return parts;
  let left = Math.max(0, width - displayWidth(ellipsis));
  const kept: (typeof parts)[number][] = [];
  for (const part of parts) {
    const text = startOf(textOf(part), left);
    left -= displayWidth(text);
    if (text !== '') kept.push(typeof part === 'string' ? text : { ...part, text });
    if (text !== textOf(part)) break;
  }
  return width >= displayWidth(ellipsis) ? [...kept, ellipsis] : kept;
}

function textOf(part: Exclude<Line, string>[number]): string {
  return typeof part === 'string' ? part : part.text;
}

const graphemes = new Intl.Segmenter();

/** The longest beginning that takes no more than so many columns. */
function startOf(text: string, width: number): string {
  if (PLAIN_ASCII.test(text)) return text.slice(0, width);
  let end = 0;
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += displayWidth(segment);
    if (used > width) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** The longest end that takes no more than so many columns. */
function endOf(text: string, width: number): string {
  if (PLAIN_ASCII.test(text)) return text.slice(text.length - width);
  const segments = Array.from(graphemes.segment(text), ({ segment }) => segment);
  let used = 0;
  let start = segments.length;
  while (start > 0) {
    used += displayWidth(segments[start - 1] ?? '');
    if (used > width) break;
    start -= 1;
  }
  return segments.slice(start).join('');
}
