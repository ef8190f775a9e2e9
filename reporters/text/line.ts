/**
 * Lines for terminals and CI logs. A line is kept in parts until it is printed, so that colours come from us alone: every
 * text in it is cleaned, whoever wrote it, and whatever it holds only ever looks odd.
 */
import { cleanLine } from '../../src/results/sanitize.ts';

/** SGR codes that switch on and off. */
const PAINTS = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
} as const;
export type Paint = keyof typeof PAINTS;

export interface Painted {
  paint: Paint;
  text: string;
}

/** Any text may be guest-made. */
export type Line = string | readonly (string | Painted)[];

export function paint(color: Paint, text: string): Painted {
  return { paint: color, text };
}

/** One line for the stream, without its line end, that no terminal and no CI runner obeys. */
export function renderLine(line: Line, color: boolean): string {
  const parts = typeof line === 'string' ? [line] : line;
  return disarmed(parts.map((part) => renderPart(part, color)).join(''));
}

function renderPart(part: string | Painted, color: boolean): string {
  if (typeof part === 'string') return cleanLine(part);
  const text = cleanLine(part.text);
  if (!color || text === '') return text;
  const [on, off] = PAINTS[part.paint];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/**
 * - GitHub runs `::command::` at the start of a line, after any spaces (actions/runner, ActionCommand.cs, TryParseV2).
 *   Characters that its string comparison ignores, and our colours, count as spaces here.
 * - GitHub and Azure run `##[…]` and `##vso[…]` *anywhere* in a line (same file, TryParse), TeamCity `##teamcity[…]`: a
 *   prefix does not help, so the marker is broken with a space.
 */
function disarmed(line: string): string {
  return line
    .replace(/##(?=(?:vso|teamcity)?\[)/g, '## ')
    .replace(/^((?:\x1b\[\d+m|[^\p{L}\p{N}\p{P}\p{S}])*):(?=:)/u, '$1: ');
}
