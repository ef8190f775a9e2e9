/**
 * A guest's output as whole lines: bytes (or text) of any chunking in, text in which every line ends in `\n` out. A lone
 * carriage return takes a terminal back to the start of the line; what it overwrites (progress bars) is left out here.
 * Secrets are masked before, for a line that is split because it is long may be split within one.
 */
import { TextDecoder } from 'node:util';

export interface LineSplitter {
  /** The lines that this chunk completes; empty when there are none. */
  write(chunk: Uint8Array | string): string;
  /** The last line, when it has no line end; given one. Empty when there is none. */
  end(): string;
}

export interface LineOptions {
  /** Longer lines are split. Characters. Default: 16 Ki. */
  maxLine?: number;
}

const MAX_LINE = 16 * 1024;

/** One per stream: stdout and stderr each have their own. */
export function createLineSplitter({ maxLine = MAX_LINE }: LineOptions = {}): LineSplitter {
  const decoder = new TextDecoder();
  let partial = '';

  const take = (text: string): string => {
    const whole = partial + text;
    const end = whole.lastIndexOf('\n') + 1;
    const lines =
      end === 0 ? '' : splitLong(whole.slice(0, end).split('\n').slice(0, -1).map(visible), maxLine);
    const rest = splitRest(visiblePart(whole.slice(end)), maxLine);
    partial = rest.partial;
    return lines + rest.lines;
  };

  return {
    write(chunk) {
      return take(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
    },
    end() {
      const lines = take(decoder.decode());
      const last = visible(partial);
      partial = '';
      return last === '' ? lines : `${lines}${last}\n`;
    },
  };
}

/** What a terminal would show of a line. Windows may end lines in `\r\r\n`. */
function visible(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** The same for a line that goes on: a carriage return at its end may be half a line end. */
function visiblePart(line: string): string {
  return line.endsWith('\r') ? `${visible(line)}\r` : visible(line);
}

function splitLong(lines: readonly string[], maxLine: number): string {
  return lines.map((line) => `${pieces(line, maxLine).join('\n')}\n`).join('');
}

function splitRest(partial: string, maxLine: number): { lines: string; partial: string } {
  if (partial.length <= maxLine) return { lines: '', partial };
  const all = pieces(partial, maxLine);
  const last = all.pop() ?? '';
  return { lines: all.map((piece) => `${piece}\n`).join(''), partial: last };
}

/** Never cuts a surrogate pair. */
function pieces(line: string, maxLine: number): string[] {
  const found: string[] = [];
  let start = 0;
  while (line.length - start > maxLine) {
    const end = start + maxLine;
    const whole = /[\ud800-\udbff]/.test(line[end - 1] ?? '') && maxLine > 1 ? end - 1 : end;
    found.push(line.slice(start, whole));
    start = whole;
  }
  found.push(line.slice(start));
  return found;
}
